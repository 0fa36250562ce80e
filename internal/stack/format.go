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

// bootstrapFile holds the first records of a cluster's metadata: the feature versions. It does not depend on the cluster
// or broker. Kafka's StorageTool writes it once for each version, so that a broker's start needs no second Java process.
const bootstrapFile = "bootstrap.checkpoint"

// writeBootstrap runs the StorageTool of the folder's jars to write [bootstrapFile] into the folder.
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

// format creates a broker's empty log folder, as StorageTool does.
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

// randomKafkaID returns 16 random bytes in the format of Kafka's Uuid class. The first bit is 0, because StorageTool would
// take an ID with a leading "-" for an option.
func randomKafkaID() string {
	var id [16]byte
	rand.Read(id[:]) // never fails
	id[0] &= 0x7f
	return base64.RawURLEncoding.EncodeToString(id[:])
}
