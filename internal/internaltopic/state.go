package internaltopic

// State is all that [Plan] has to know of the cluster.
type State struct {
	// Topic is nil when there is none of that name.
	Topic *Topic
	// Rebuild is the copy that an unfinished rebuild left, nil otherwise.
	Rebuild *Topic
	// Empty reports that no partition of Topic holds a record.
	Empty bool
	// Brokers are the live brokers.
	Brokers []Broker
	// DefaultReplicationFactor and MinInsyncReplicas are the broker's defaults; zero when the principal may not
	// see them.
	DefaultReplicationFactor int
	MinInsyncReplicas        int
}

// Broker is a live broker.
type Broker struct {
	ID   int32
	Rack string // Empty when the broker has none.
}

// Exists reports whether there is a topic, or the copy of one that is being rebuilt. While it holds the
// topic must not count as gone.
func (s State) Exists() bool { return s.Topic != nil || s.Rebuild != nil }

// Unfinished reports whether a rebuild was cut short: workers cannot start until it is finished.
func (s State) Unfinished() bool {
	return s.Rebuild != nil || s.Topic != nil && s.Topic.Locked()
}

// base is the topic that carries the settings: the topic, or its copy while it is gone.
func (s State) base() *Topic {
	if s.Topic != nil {
		return s.Topic
	}
	return s.Rebuild
}
