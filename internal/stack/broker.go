package stack

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Broker is a Kafka broker that is also a controller.
type Broker struct {
	Process

	ID        int    `json:"id"`                   // node.id
	Plaintext string `json:"plaintext"`            // host:port of the PLAINTEXT listener
	SASL      string `json:"sasl_ssl,omitempty"`   // host:port of the SASL_SSL listener
	MutualTLS string `json:"mutual_tls,omitempty"` // host:port of the SSL listener that requires a client certificate

	controller string // host:port for the other controllers
}

// newBrokers creates the brokers and their files. Each properties file contains the ports of all brokers.
func (s *Stack) newBrokers() error {
	jars, err := installFolder(brokerComponent, s.Options.BrokerVersion)
	if err != nil {
		return err
	}
	clusterID := randomKafkaID()
	for id := range s.Options.Brokers {
		b, err := s.newBroker(id)
		if err != nil {
			return err
		}
		if err := format(b.dataFolder(), jars, clusterID, id); err != nil {
			return fmt.Errorf("format %s: %w", b.Name, err)
		}
		s.Brokers = append(s.Brokers, b)
	}
	for _, b := range s.Brokers {
		if err := s.configureBroker(b, jars); err != nil {
			return err
		}
	}
	return nil
}

// newBroker creates a broker with its folder and ports.
func (s *Stack) newBroker(id int) (*Broker, error) {
	process, err := s.newProcess(fmt.Sprintf("broker-%d", id))
	if err != nil {
		return nil, err
	}
	broker := &Broker{Process: process, ID: id}
	addresses := []*string{&broker.Plaintext, &broker.controller}
	if s.Options.SASLSSL {
		addresses = append(addresses, &broker.SASL, &broker.MutualTLS)
	}
	for _, address := range addresses {
		port, err := s.ports.take()
		if err != nil {
			return nil, fmt.Errorf("port for %s: %w", broker.Name, err)
		}
		*address = fmt.Sprintf("%s:%d", loopback, port)
	}
	broker.ready = broker.ping
	return broker, nil
}

// configureBroker writes the broker's properties and sets its command.
func (s *Stack) configureBroker(broker *Broker, jars string) error {
	file := filepath.Join(broker.Folder, "server.properties")
	properties := s.brokerProperties(broker)
	maps.Copy(properties, s.Options.BrokerProperties)
	if err := writeProperties(file, properties); err != nil {
		return err
	}
	var err error
	broker.Command, err = s.javaCommand("512m", []string{"-cp", classPath(jars), "kafka.Kafka"}, []string{file})
	return err
}

func (broker *Broker) dataFolder() string { return filepath.Join(broker.Folder, "data") }

func (s *Stack) brokerProperties(broker *Broker) map[string]string {
	var voters []string
	for _, other := range s.Brokers {
		voters = append(voters, fmt.Sprintf("%d@%s", other.ID, other.controller))
	}
	listeners := "PLAINTEXT://" + broker.Plaintext
	if broker.SASL != "" {
		listeners += ",SASL_SSL://" + broker.SASL + ",SSL://" + broker.MutualTLS
	}
	replicas := strconv.Itoa(min(3, s.Options.Brokers))
	inSync := strconv.Itoa(min(2, s.Options.Brokers))
	p := map[string]string{
		"process.roles":                  "broker,controller",
		"node.id":                        strconv.Itoa(broker.ID),
		"controller.quorum.voters":       strings.Join(voters, ","),
		"controller.listener.names":      "CONTROLLER",
		"listeners":                      listeners + ",CONTROLLER://" + broker.controller,
		"advertised.listeners":           listeners,
		"listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL",
		"inter.broker.listener.name":     "PLAINTEXT",
		"log.dirs":                       broker.dataFolder(),

		"offsets.topic.num.partitions":             "5",
		"offsets.topic.replication.factor":         replicas,
		"transaction.state.log.num.partitions":     "5",
		"transaction.state.log.replication.factor": replicas,
		"transaction.state.log.min.isr":            inSync,

		"share.coordinator.state.topic.num.partitions":     "5",
		"share.coordinator.state.topic.replication.factor": replicas,
		"share.coordinator.state.topic.min.isr":            inSync,

		"group.initial.rebalance.delay.ms": "0", // do not wait for more members

		// A killed broker can register again only after its previous session has ended, by default after nine seconds.
		"broker.session.timeout.ms":    "4000",
		"broker.heartbeat.interval.ms": "500",

		// Used only with an authorizer. Brokers connect to each other as ANONYMOUS.
		"super.users": "User:ANONYMOUS;User:" + s.Options.Users[0].Name,
	}
	if broker.SASL != "" {
		maps.Copy(p, s.secureListenerProperties())
	}
	return p
}

// secureListenerProperties returns the properties of the SASL_SSL and SSL listeners.
func (s *Stack) secureListenerProperties() map[string]string {
	const scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
	plain := []string{"org.apache.kafka.common.security.plain.PlainLoginModule required"}
	for _, u := range s.Options.Users {
		plain = append(plain, fmt.Sprintf("user_%s=%s", u.Name, jaasQuote(u.Password)))
	}
	p := map[string]string{
		"sasl.enabled.mechanisms":                               "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
		"listener.name.sasl_ssl.plain.sasl.jaas.config":         strings.Join(plain, " ") + ";",
		"listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config": scram,
		"listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": scram,
		"listener.name.sasl_ssl.ssl.client.auth":                "requested",
		"listener.name.ssl.ssl.client.auth":                     "required",
	}
	maps.Copy(p, s.Certificates.serverProperties())
	return p
}

// ping succeeds when the broker answers and lists itself as registered.
func (broker *Broker) ping(ctx context.Context) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(broker.Plaintext), kgo.RequestRetries(0))
	if err != nil {
		return err
	}
	defer client.Close()
	metadata, err := kadm.NewClient(client).BrokerMetadata(ctx)
	if err != nil {
		return err
	}
	for _, known := range metadata.Brokers {
		if int(known.NodeID) == broker.ID {
			return nil
		}
	}
	return fmt.Errorf("broker %d is not registered yet", broker.ID)
}

// createSCRAM creates the users' SCRAM credentials, for both mechanisms.
func (s *Stack) createSCRAM(ctx context.Context) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(s.Bootstrap()))
	if err != nil {
		return err
	}
	defer client.Close()
	// One request for each mechanism, because Kafka rejects a request that contains a user twice.
	for _, mechanism := range []kadm.ScramMechanism{kadm.ScramSha256, kadm.ScramSha512} {
		var upserts []kadm.UpsertSCRAM
		for _, u := range s.Options.Users {
			upserts = append(upserts, kadm.UpsertSCRAM{User: u.Name, Mechanism: mechanism, Iterations: 4096, Password: u.Password})
		}
		altered, err := kadm.NewClient(client).AlterUserSCRAMs(ctx, nil, upserts)
		if err == nil {
			err = altered.Error()
		}
		if err != nil {
			return fmt.Errorf("create SCRAM users: %w", err)
		}
	}
	return nil
}

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
