package stack

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// bootstrapFile holds the first records of a cluster's metadata: the versions of the features that are on. It says
// nothing about a certain cluster or broker, so one, made by Kafka's own tool, serves all brokers of a version and saves
// each of them the start of a Java process.
const bootstrapFile = "bootstrap.checkpoint"

// writeBootstrap lets the StorageTool among the folder's jars write the folder's bootstrap file.
func writeBootstrap(ctx context.Context, folder string) (err error) {
	java, err := javaTool.path()
	if err != nil {
		return err
	}
	data := filepath.Join(folder, "format")
	defer func() { err = errors.Join(err, os.RemoveAll(data)) }()
	properties := filepath.Join(folder, "format.properties")
	err = writeProperties(properties, map[string]string{
		"process.roles":             "broker,controller",
		"node.id":                   "0",
		"controller.quorum.voters":  "0@127.0.0.1:1",
		"listeners":                 "PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:1",
		"controller.listener.names": "CONTROLLER",
		"log.dirs":                  data,
	})
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, java, "-cp", classPath(folder), "kafka.tools.StorageTool",
		"format", "--cluster-id", randomKafkaID(), "--config", properties)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("StorageTool format: %w\n%s", err, out)
	}
	return os.Rename(filepath.Join(data, bootstrapFile), filepath.Join(folder, bootstrapFile))
}

// format makes the folder the empty log folder of a broker, as StorageTool does.
func format(folder, jars, clusterID string, nodeID int) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	bootstrap, err := os.ReadFile(filepath.Join(jars, bootstrapFile))
	if err != nil {
		return err
	}
	meta := fmt.Sprintf("version=1\ncluster.id=%s\nnode.id=%d\ndirectory.id=%s\n", clusterID, nodeID, randomKafkaID())
	return errors.Join(
		os.WriteFile(filepath.Join(folder, "meta.properties"), []byte(meta), 0o600),
		os.WriteFile(filepath.Join(folder, bootstrapFile), bootstrap, 0o600),
	)
}

// randomKafkaID returns 16 random bytes in the form of Kafka's Uuid class. That one's reserved values, all with zeroes
// in front, do not come up by chance. A leading "-" would be an option on a command line.
func randomKafkaID() string {
	var id [16]byte
	rand.Read(id[:]) // never fails
	id[0] &= 0x7f
	return base64.RawURLEncoding.EncodeToString(id[:])
}
