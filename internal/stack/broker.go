package stack

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Broker is a Kafka broker. It is also a controller, unless the cluster has a [ZooKeeper].
type Broker struct {
	Process

	ID        int    `json:"id"`                   // node.id, or broker.id
	Plaintext string `json:"plaintext"`            // host:port of the PLAINTEXT listener
	SASL      string `json:"sasl_ssl,omitempty"`   // host:port of the SASL_SSL listener
	MutualTLS string `json:"mutual_tls,omitempty"` // host:port of the SSL listener that requires a client certificate

	controller string // host:port for the other controllers; empty with ZooKeeper
}

// sessionMillis is how long a killed broker stays registered.
const sessionMillis = "4000"

// newBrokers creates the brokers and their files. Each properties file contains the ports of all brokers.
func (s *Stack) newBrokers() error {
	jars, err := installFolder(brokerComponent, s.Options.BrokerVersion)
	if err != nil {
		return err
	}
	if needsZooKeeper(s.Options.BrokerVersion) {
		if s.ZooKeeper, err = s.newZooKeeper(jars); err != nil {
			return err
		}
	}
	clusterID := randomKafkaID()
	for id := range s.Options.Brokers {
		b, err := s.newBroker(id)
		if err != nil {
			return err
		}
		if s.ZooKeeper == nil {
			err = format(b.dataFolder(), jars, clusterID, id)
		}
		if err != nil {
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
	addresses := []*string{&broker.Plaintext}
	if s.ZooKeeper == nil {
		addresses = append(addresses, &broker.controller)
	}
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
	s.prepareBroker(broker)
	return broker, nil
}

// prepareBroker sets what the broker does before its start and to find out whether it is ready.
func (s *Stack) prepareBroker(broker *Broker) {
	broker.ready = broker.ping
	if s.ZooKeeper != nil {
		broker.before = func(ctx context.Context) error { return s.ZooKeeper.waitExpired(ctx, broker.ID) }
	}
}

// configureBroker writes the broker's properties and sets its command.
func (s *Stack) configureBroker(broker *Broker, jars string) error {
	file := filepath.Join(broker.Folder, "server.properties")
	properties := s.brokerProperties(broker)
	if broker.SASL != "" {
		secure, err := s.secureListenerProperties()
		if err != nil {
			return err
		}
		maps.Copy(properties, secure)
	}
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
	advertised := "PLAINTEXT://" + broker.Plaintext
	if broker.SASL != "" {
		advertised += ",SASL_SSL://" + broker.SASL + ",SSL://" + broker.MutualTLS
	}
	listeners := advertised
	if broker.controller != "" {
		listeners += ",CONTROLLER://" + broker.controller
	}
	replicas := strconv.Itoa(min(3, s.Options.Brokers))
	inSync := strconv.Itoa(min(2, s.Options.Brokers))
	p := map[string]string{
		"listeners":                      listeners,
		"advertised.listeners":           advertised,
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
	}
	if s.ZooKeeper == nil {
		maps.Copy(p, s.kraftProperties(broker))
	} else {
		maps.Copy(p, s.zooKeeperProperties(broker))
	}
	if s.Options.Authorizer {
		maps.Copy(p, s.authorizerProperties())
	}
	return p
}

// authorizerProperties returns the properties of the authorizer of the broker's version. Brokers connect to each other as
// ANONYMOUS.
func (s *Stack) authorizerProperties() map[string]string {
	class := "org.apache.kafka.metadata.authorizer.StandardAuthorizer"
	if s.ZooKeeper != nil {
		class = "kafka.security.authorizer.AclAuthorizer"
	}
	return map[string]string{
		"authorizer.class.name": class,
		"super.users":           "User:ANONYMOUS;User:" + s.Options.Users[0].Name,
	}
}

// secureListenerProperties returns the properties of the SASL_SSL and SSL listeners.
func (s *Stack) secureListenerProperties() (map[string]string, error) {
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
	certificates, err := s.Certificates.serverProperties()
	maps.Copy(p, certificates)
	return p, err
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
