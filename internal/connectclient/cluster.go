package connectclient

import "context"

// Cluster is what a worker says of itself.
type Cluster struct {
	Version        string `json:"version"`
	Commit         string `json:"commit"`
	KafkaClusterID string `json:"kafka_cluster_id"`
}

// Version is a version of Apache Kafka.
type Version struct {
	Major, Minor, Patch int
}

// AtLeast reports whether v is major.minor or later.
func (v Version) AtLeast(major, minor int) bool { return false }

// KafkaVersion returns the version of Apache Kafka that the worker is made of, and false if its
// version cannot be read.
func (c Cluster) KafkaVersion() (Version, bool) { return Version{}, false }

// Cluster returns what the worker that answers says of itself.
func (c *Client) Cluster(ctx context.Context) (Cluster, error) {
	// GET /
	return Cluster{}, nil
}
