package internaltopic

import (
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
)

// What a broker does with a request for settings. After these answers it tells the truth.
const (
	outdated = "outdated" // It answers with the settings from before the change.
	breaks   = "breaks"   // It closes the connection.
)

// A change of settings ends when every live broker shows it. Each case has the answers of broker 1.
func TestSettingsReachEveryBroker(t *testing.T) {
	for name, c := range map[string]struct {
		answers []string
		down    bool // Broker 1 never tells the truth.
	}{
		"all agree":                        {},
		"one is outdated":                  {answers: []string{outdated, outdated, outdated}},
		"one is outdated, connection lost": {answers: []string{breaks, outdated, breaks, outdated}},
		"one is down":                      {answers: slices.Repeat([]string{breaks}, 100), down: true},
	} {
		t.Run(name, func(t *testing.T) {
			cluster, bootstrap := fakeCluster(t, 3)
			client := newClient(t, bootstrap)
			if err := client.create(t.Context(), "offsets", 1, 1, map[string]string{"segment.ms": "1000"}); err != nil {
				t.Fatal(err)
			}
			previous, told := inspect(t, bootstrap, "offsets").Topic, map[int32]bool{}
			left := c.answers
			cluster.ControlKey(int16(kmsg.DescribeConfigs), func(req kmsg.Request) (kmsg.Response, error, bool) {
				cluster.KeepControl()
				broker := cluster.CurrentNode()
				if broker != 1 || len(left) == 0 {
					told[broker] = true
					return nil, nil, false
				}
				next := left[0]
				left = left[1:]
				if next == breaks {
					return nil, io.EOF, true
				}
				return configAnswer(req.(*kmsg.DescribeConfigsRequest), previous), nil, true
			})
			if err := client.alterConfig(t.Context(), "offsets", map[string]string{"retention.ms": "5000"}, []string{"segment.ms"}); err != nil {
				t.Fatal(err)
			}
			want := []int32{0, 1, 2}
			if c.down {
				want = []int32{0, 2}
			}
			if got := slices.Sorted(maps.Keys(told)); !slices.Equal(got, want) {
				t.Errorf("the change ended when brokers %v had shown it, not %v", got, want)
			}
		})
	}
}

// A wait that its context ends names the broker that lags.
func TestOutdatedBrokerIsNamed(t *testing.T) {
	cluster, bootstrap := fakeCluster(t, 3)
	client := newClient(t, bootstrap)
	if err := client.create(t.Context(), "offsets", 1, 1, nil); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	asked := 0
	cluster.ControlKey(int16(kmsg.DescribeConfigs), func(req kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		if cluster.CurrentNode() != 2 {
			return nil, nil, false
		}
		if asked++; asked == 3 {
			cancel()
		}
		return configAnswer(req.(*kmsg.DescribeConfigsRequest), &Topic{Name: "offsets"}), nil, true
	})
	err := client.alterConfig(ctx, "offsets", map[string]string{"segment.ms": "1000"}, nil)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	for _, says := range []string{`wait until all brokers show the settings of topic "offsets"`, "broker 2: still shows the previous state"} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("%q is missing in: %v", says, err)
		}
	}
}

// configAnswer answers with the settings of a topic.
func configAnswer(req *kmsg.DescribeConfigsRequest, topic *Topic) kmsg.Response {
	resp := req.ResponseKind().(*kmsg.DescribeConfigsResponse)
	answer := kmsg.NewDescribeConfigsResponseResource()
	answer.ResourceType, answer.ResourceName = kmsg.ConfigResourceTypeTopic, topic.Name
	for k, v := range topic.Config {
		setting := kmsg.NewDescribeConfigsResponseResourceConfig()
		setting.Name, setting.Value, setting.Source = k, &v, kmsg.ConfigSourceDynamicTopicConfig
		answer.Configs = append(answer.Configs, setting)
	}
	resp.Resources = append(resp.Resources, answer)
	return resp
}

// A final answer ends a wait at once, also if another attempt could succeed. A retriable one does not.
func TestFinalAnswersEndWaits(t *testing.T) {
	_, bootstrap := fake(t)
	topicWith(t, bootstrap, "offsets", fill{partitions: 2})
	topic := inspect(t, bootstrap, "offsets").Topic
	for name, w := range map[string]struct {
		kind             kmsg.Key
		retriable, final *kerr.Error
		wait             func(context.Context, *Client) error
	}{
		"settings": {kmsg.DescribeConfigs, kerr.RequestTimedOut, kerr.TopicAuthorizationFailed, func(ctx context.Context, c *Client) error {
			return c.alterConfig(ctx, "offsets", map[string]string{"retention.ms": "5000"}, nil)
		}},
		"partitions": {kmsg.Metadata, kerr.LeaderNotAvailable, kerr.TopicAuthorizationFailed, func(ctx context.Context, c *Client) error {
			return c.waitPartitions(ctx, "offsets", 2)
		}},
		"transactions": {kmsg.ListOffsets, kerr.NotLeaderForPartition, kerr.TopicAuthorizationFailed, func(ctx context.Context, c *Client) error {
			_, err := c.stableRanges(ctx, "offsets", 2, verifyWait)
			return err
		}},
		"replicas": {kmsg.ListPartitionReassignments, kerr.NotController, kerr.ClusterAuthorizationFailed, func(ctx context.Context, c *Client) error {
			return (&applier{client: c}).awaitReassignment(ctx, topic, topic.Replicas)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			c, i := intercepted(t, bootstrap)
			if err := w.wait(t.Context(), c); err != nil { // also fills the caches of the client
				t.Fatal(err)
			}
			i.arm(fault{kind: w.kind, refuse: w.retriable, times: 1})
			if err := w.wait(t.Context(), c); err != nil {
				t.Errorf("after a retriable answer: %v", err)
			}
			i.arm(fault{kind: w.kind, refuse: w.final, times: 1})
			if err := w.wait(t.Context(), c); !errors.Is(err, kafkaclient.ErrUnauthorized) {
				t.Errorf("after a final answer: %v", err)
			}
			if i.meetings() != 2 {
				t.Errorf("%d requests met a fault instead of two", i.meetings())
			}
		})
	}
}
