package kafkaclient_test

import (
	"context"
	"errors"
	"net"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
)

// lagging returns brokers with the topics "orders" and "former". The group "g" has committed offset 2 of 3 in one partition of
// each, and 1 record of "orders" is in another partition.
func lagging(t *testing.T) (*kfake.Cluster, *kafkaclient.Client) {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(2), kfake.SeedTopics(2, "orders", "former"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	client := newLagClient(t, kafkaclient.Config{BootstrapServers: cluster.ListenAddrs()})
	producer, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	defer producer.Close()
	var offsets kadm.Offsets
	for _, topic := range []string{"orders", "former"} {
		for range 3 {
			produceOne(t, producer, topic, 0)
		}
		offsets.Add(kadm.Offset{Topic: topic, Partition: 0, At: 2, LeaderEpoch: -1})
	}
	produceOne(t, producer, "orders", 1)
	if err := client.Kadm.CommitAllOffsets(t.Context(), "g", offsets); err != nil {
		t.Fatal(err)
	}
	return cluster, client
}

func newLagClient(t *testing.T, config kafkaclient.Config) *kafkaclient.Client {
	t.Helper()
	client, err := kafkaclient.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func produceOne(t *testing.T, client *kgo.Client, topic string, partition int32) {
	t.Helper()
	if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Partition: partition, Value: []byte("x")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

func TestLags(t *testing.T) {
	t.Parallel()
	_, client := lagging(t)
	got, err := client.Lags(t.Context(),
		kafkaclient.Consumer{Group: "g", Topics: []string{"orders"}},
		kafkaclient.Consumer{Group: "g"}, // all that it has committed
		kafkaclient.Consumer{Group: "new", Topics: []string{"orders", "absent"}},
		kafkaclient.Consumer{Group: "new"},
		kafkaclient.Consumer{Group: "new", DeadLetters: "orders"},
		kafkaclient.Consumer{Group: "new", DeadLetters: "absent"},
	)
	if err != nil {
		t.Fatal(err)
	}
	want := []kafkaclient.Lag{
		{Partitions: []kafkaclient.PartitionLag{{"orders", 0, 1}, {"orders", 1, 1}}},
		{Partitions: []kafkaclient.PartitionLag{{"former", 0, 1}, {"former", 1, 0}, {"orders", 0, 1}, {"orders", 1, 1}}},
		{Partitions: []kafkaclient.PartitionLag{{"orders", 0, 3}, {"orders", 1, 1}}},
		{},
		{DeadLetters: kafkaclient.Records{Count: 4}},
		{},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if total := got[2].Total(); total != 4 {
		t.Errorf("total %d", total)
	}
	if got, err := client.Lags(t.Context()); got != nil || err != nil {
		t.Errorf("no groups: %v, %v", got, err)
	}
}

// Many callers share one batch of requests, once the first batch has ended.
func TestLagsShareRequests(t *testing.T) {
	t.Parallel()
	cluster, client := lagging(t)
	var fetches atomic.Int32
	first, release := make(chan struct{}), make(chan struct{})
	cluster.ControlKey(int16(kmsg.OffsetFetch), func(kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		if fetches.Add(1) == 1 {
			cluster.SleepControl(func() { close(first); <-release })
		}
		return nil, nil, false
	})
	var callers sync.WaitGroup
	read := func() {
		got, err := client.Lags(t.Context(), kafkaclient.Consumer{Group: "g", Topics: []string{"orders"}})
		if err != nil || len(got) != 1 || got[0].Total() != 2 {
			t.Errorf("got %v, %v", got, err)
		}
	}
	callers.Go(read)
	<-first
	var waiting atomic.Int32
	for range 20 {
		callers.Go(func() { waiting.Add(1); read() })
	}
	for waiting.Load() < 20 {
		time.Sleep(time.Millisecond)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.Lags(ended, kafkaclient.Consumer{Group: "g"}); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller whose context has ended: %v", err)
	}
	close(release)
	callers.Wait()
	if n := fetches.Load(); n > 3 { // a caller may come after the second batch has started
		t.Errorf("%d requests for the offsets of one group", n)
	}
}

// A topic that may not be read does not hide the lag of others.
func TestLagsOfOthersWithoutPermission(t *testing.T) {
	t.Parallel()
	cluster, client := lagging(t)
	answer, err := kmsg.NewPtrMetadataRequest().RequestWith(t.Context(), client.Kgo)
	if err != nil {
		t.Fatal(err)
	}
	for i, topic := range answer.Topics {
		if *topic.Topic == "former" {
			answer.Topics[i].ErrorCode, answer.Topics[i].Partitions = kerr.TopicAuthorizationFailed.Code, nil
		}
	}
	cluster.ControlKey(int16(kmsg.Metadata), func(request kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		denied := *answer
		denied.SetVersion(request.GetVersion())
		denied.Topics = slices.DeleteFunc(slices.Clone(answer.Topics), func(topic kmsg.MetadataResponseTopic) bool {
			return !slices.ContainsFunc(request.(*kmsg.MetadataRequest).Topics, func(asked kmsg.MetadataRequestTopic) bool { return *asked.Topic == *topic.Topic })
		})
		return &denied, nil, true
	})
	got, err := client.Lags(t.Context(), kafkaclient.Consumer{Group: "g", Topics: []string{"former"}}, kafkaclient.Consumer{Group: "g", Topics: []string{"orders"}})
	if err != nil || !errors.Is(got[0].Err, kafkaclient.ErrUnauthorized) || got[1].Err != nil || got[1].Total() != 2 {
		t.Errorf("got %v, %v", got, err)
	}
}

// While brokers are down, callers do not wait for a connection one after the other.
func TestLagsWithoutBrokers(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var connections atomic.Int32
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			connection.Close()
		}
	}()
	client := newLagClient(t, kafkaclient.Config{BootstrapServers: []string{listener.Addr().String()}})
	if _, err := client.Lags(t.Context(), kafkaclient.Consumer{Group: "g"}); !errors.Is(err, kafkaclient.ErrUnreachable) {
		t.Errorf("got %v", err)
	}
	before := connections.Load()
	if _, err := client.Lags(t.Context(), kafkaclient.Consumer{Group: "g"}); !errors.Is(err, kafkaclient.ErrUnreachable) || before == 0 || connections.Load() != before {
		t.Errorf("got %v after %d and %d connections", err, before, connections.Load())
	}
}
