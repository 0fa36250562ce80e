package internaltopic

import (
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/keyedmutex"
)

// Client manages the internal topics of one Kafka cluster. It is safe for concurrent use; rebuilds of the same
// Connect group wait for each other.
type Client struct {
	*kafkaclient.Client

	groupMutex keyedmutex.Map // Of the Connect groups that rebuilds of this process lock.

	// holdSession is how long a hold of a group outlives its process.
	holdSession time.Duration
	// beforeStep is called before each numbered step of a rebuild, so that a test can end the process there.
	beforeStep func(step string)
}

// New returns a client, or a *kafkaclient.ConfigError that names the field at fault. It connects on first use.
func New(config kafkaclient.Config) (*Client, error) {
	client, err := kafkaclient.New(config)
	if err != nil {
		return nil, err
	}
	return &Client{Client: client, holdSession: holdSession, beforeStep: func(string) {}}, nil
}
