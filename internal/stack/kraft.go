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
	"strconv"
	"strings"
)

// bootstrapFiles are the files that may hold the first records of a cluster's metadata, the feature versions: the first
// one for brokers of 4.1 and earlier, the second one for later brokers. The records do not depend on the cluster or broker.
// Kafka's StorageTool writes the file once for each version, so that a broker's start needs no second Java process.
var bootstrapFiles = []string{
	"bootstrap.checkpoint",
	filepath.Join("__cluster_metadata-0", "00000000000000000000-0000000000.checkpoint"),
}

// kraftProperties returns the properties of a broker that is also a controller.
func (s *Stack) kraftProperties(broker *Broker) map[string]string {
	var voters []string
	for _, other := range s.Brokers {
		voters = append(voters, fmt.Sprintf("%d@%s", other.ID, other.controller))
	}
	return map[string]string{
		"process.roles":             "broker,controller",
		"node.id":                   strconv.Itoa(broker.ID),
		"controller.quorum.voters":  strings.Join(voters, ","),
		"controller.listener.names": "CONTROLLER",

		// A killed broker can register again only after its previous session has ended, by default after nine seconds.
		"broker.session.timeout.ms":    sessionMillis,
		"broker.heartbeat.interval.ms": "500",
	}
}

// writeBootstrap runs the StorageTool of the folder's jars and moves its bootstrap file into the folder.
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
	return copyBootstrap(data, folder)
}

// copyBootstrap copies the one of the [bootstrapFiles] that exists.
func copyBootstrap(from, to string) error {
	for _, name := range bootstrapFiles {
		records, err := os.ReadFile(filepath.Join(from, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		file := filepath.Join(to, name)
		return errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, records, 0o600))
	}
	return fmt.Errorf("%s has none of the files %s, which StorageTool writes", from, strings.Join(bootstrapFiles, ", "))
}

// format creates a broker's empty log folder, as StorageTool does.
func format(folder, jars, clusterID string, nodeID int) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	meta := fmt.Sprintf("version=1\ncluster.id=%s\nnode.id=%d\ndirectory.id=%s\n", clusterID, nodeID, randomKafkaID())
	return errors.Join(
		os.WriteFile(filepath.Join(folder, "meta.properties"), []byte(meta), 0o600),
		copyBootstrap(jars, folder),
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
