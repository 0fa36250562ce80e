package acctest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// TopicAddress is the address of the topic that [Kafka.TopicConfig] declares.
const TopicAddress = "kafkaconnect_internal_topic.test"

// Kafka is a Kafka cluster. Its methods query and change the cluster directly, without the code under test.
type Kafka struct {
	T         *testing.T
	Bootstrap string
	Client    *kgo.Client // the test chooses the partition of each record
	Admin     *kadm.Client
}

// SharedKafka returns the Kafka cluster that all acceptance tests share.
func SharedKafka(t *testing.T) *Kafka {
	t.Helper()
	RequireAcceptance(t)
	return NewKafka(t, stack.Shared(t))
}

// NewKafka returns the Kafka cluster of a stack. Its clients are closed when the test ends.
func NewKafka(t *testing.T, s *stack.Stack) *Kafka {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(s.Bootstrap(), ",")...),
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.MetadataMinAge(10*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return &Kafka{T: t, Bootstrap: s.Bootstrap(), Client: client, Admin: kadm.NewClient(client)}
}

// Ctx returns a context for one request. Cleanup functions can use it: it does not end with the context of the test.
func (c *Kafka) Ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.T.Context()), time.Minute)
	c.T.Cleanup(cancel)
	return ctx
}

// TopicShape is a topic as the brokers describe it.
type TopicShape struct {
	Partitions, Replicas int
	Config               map[string]string // settings of the topic itself, without the defaults of the broker
}

// Topic returns the shape of the topic, and whether the topic exists.
func (c *Kafka) Topic(name string) (TopicShape, bool) {
	c.T.Helper()
	details, err := c.Admin.Metadata(kadm.WithAuthorizedOps(c.Ctx()), name) // this option bypasses the cache of the client
	if err != nil {
		c.T.Fatal(err)
	}
	detail := details.Topics[name]
	if detail.Err != nil {
		if errors.Is(detail.Err, kerr.UnknownTopicOrPartition) {
			return TopicShape{}, false
		}
		c.T.Fatal(detail.Err)
	}
	answers, err := c.Admin.DescribeTopicConfigs(c.Ctx(), name)
	if err != nil {
		c.T.Fatal(err)
	}
	got := TopicShape{Partitions: len(detail.Partitions), Replicas: detail.Partitions.NumReplicas(), Config: map[string]string{}}
	for _, setting := range answers[0].Configs {
		if setting.Source == kmsg.ConfigSourceDynamicTopicConfig {
			got.Config[setting.Key] = setting.MaybeValue()
		}
	}
	return got, true
}

// Has returns a check of the number of partitions, the number of replicas and the settings of a topic. The settings must
// include cleanup.policy=compact in addition to config.
func (c *Kafka) Has(name string, partitions, replicas int, config map[string]string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		got, ok := c.Topic(name)
		if !ok {
			return fmt.Errorf("topic %s does not exist", name)
		}
		want := map[string]string{"cleanup.policy": "compact"}
		maps.Copy(want, config)
		if got.Partitions != partitions || got.Replicas != replicas || !maps.Equal(got.Config, want) {
			return fmt.Errorf("the brokers hold %+v, want %d partitions, %d replicas and %v", got, partitions, replicas, want)
		}
		return nil
	}
}

// Must runs the check now.
func (c *Kafka) Must(check resource.TestCheckFunc) {
	c.T.Helper()
	if err := check(nil); err != nil {
		c.T.Error(err)
	}
}

// Create creates a topic as a worker does, and deletes it when the test ends.
func (c *Kafka) Create(name string, partitions int, config map[string]string) {
	c.T.Helper()
	settings := map[string]*string{"cleanup.policy": new("compact")} // the default; config may override it
	for key, value := range config {
		settings[key] = &value
	}
	if _, err := c.Admin.CreateTopic(c.Ctx(), int32(partitions), 1, settings, name); err != nil {
		c.T.Fatal(err)
	}
	c.T.Cleanup(func() { c.Delete(name) })
	Eventually(c.T, "topic "+name+" exists", func() bool { got, _ := c.Topic(name); return got.Partitions == partitions })
}

// Delete deletes the topic, and its copy from an interrupted rebuild, if they exist.
func (c *Kafka) Delete(name string) {
	c.T.Helper()
	for _, n := range []string{name, name + ".rebuild"} {
		if _, err := c.Admin.DeleteTopic(c.Ctx(), n); err != nil && !errors.Is(err, kerr.UnknownTopicOrPartition) {
			c.T.Fatal(err)
		}
		Eventually(c.T, "topic "+n+" is deleted", func() bool { _, ok := c.Topic(n); return !ok })
	}
}

// Set changes a setting of the topic. An empty value resets the setting to the default of the broker.
func (c *Kafka) Set(name, key, value string) {
	c.T.Helper()
	change := kadm.AlterConfig{Op: kadm.SetConfig, Name: key, Value: &value}
	if value == "" {
		change = kadm.AlterConfig{Op: kadm.DeleteConfig, Name: key}
	}
	answers, err := c.Admin.AlterTopicConfigs(c.Ctx(), []kadm.AlterConfig{change}, name)
	if err == nil {
		err = answers[0].Err
	}
	if err != nil {
		c.T.Fatal(err)
	}
	Eventually(c.T, key+" is "+value, func() bool { got, _ := c.Topic(name); return got.Config[key] == value })
}

// Grow adds partitions. Existing records stay where they are.
func (c *Kafka) Grow(name string, to int) {
	c.T.Helper()
	answers, err := c.Admin.UpdatePartitions(c.Ctx(), to, name)
	if err == nil {
		err = answers.Error()
	}
	if err != nil {
		c.T.Fatal(err)
	}
	Eventually(c.T, "the partitions exist", func() bool { got, _ := c.Topic(name); return got.Partitions == to })
}

// OffsetKey returns a key as a worker writes it to an offset topic.
func OffsetKey(i int) string {
	return fmt.Sprintf(`["connector-%d",{"filename":"/data/%d.txt"}]`, i%97, i)
}

// Fill writes one record for each key to an offset topic, to the partition that a worker would choose, and returns the value of each key.
func (c *Kafka) Fill(name string, keys, size int) map[string]string {
	c.T.Helper()
	got, _ := c.Topic(name)
	content := map[string]string{}
	var records []*kgo.Record
	for i := range keys {
		key, value := OffsetKey(i), fmt.Sprintf("%d %s", i, strings.Repeat("v", size))
		content[key] = value
		records = append(records, &kgo.Record{Topic: name, Partition: int32(Partition(key, got.Partitions)), Key: []byte(key), Value: []byte(value)})
	}
	if err := c.Client.ProduceSync(c.Ctx(), records...).FirstErr(); err != nil {
		c.T.Fatal(err)
	}
	return content
}

// Content returns the last value of each key. It fails the test if a record is not in the partition that a worker would
// choose for its key.
func (c *Kafka) Content(name string) map[string]string {
	c.T.Helper()
	got, _ := c.Topic(name)
	ends, err := c.Admin.ListEndOffsets(c.Ctx(), name)
	if err != nil {
		c.T.Fatal(err)
	}
	starts, err := c.Admin.ListStartOffsets(c.Ctx(), name)
	if err != nil {
		c.T.Fatal(err)
	}
	from, left := map[int32]kgo.Offset{}, 0
	ends.Each(func(end kadm.ListedOffset) {
		if start, _ := starts.Lookup(name, end.Partition); start.Offset < end.Offset {
			from[end.Partition] = kgo.NewOffset().At(start.Offset)
			left++
		}
	})
	content := map[string]string{}
	if left == 0 {
		return content
	}
	reader, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(c.Bootstrap, ",")...), kgo.KeepControlRecords(),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{name: from}))
	if err != nil {
		c.T.Fatal(err)
	}
	defer reader.Close()
	for left > 0 {
		fetches := reader.PollFetches(c.Ctx())
		if err := fetches.Err(); err != nil {
			c.T.Fatal(err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if end, _ := ends.Lookup(name, r.Partition); r.Offset == end.Offset-1 {
				left--
			}
			switch {
			case r.Attrs.IsControl():
			case int(r.Partition) != Partition(string(r.Key), got.Partitions):
				c.T.Errorf("key %q of topic %s is in partition %d of %d", r.Key, name, r.Partition, got.Partitions)
			case r.Value == nil:
				delete(content, string(r.Key))
			default:
				content[string(r.Key)] = string(r.Value)
			}
		})
	}
	return content
}

// Partition returns the partition that a Java producer chooses for the key.
func Partition(key string, partitions int) int {
	return kgo.StickyKeyPartitioner(nil).ForTopic("").Partition(&kgo.Record{Key: []byte(key)}, partitions)
}

// TopicConfig returns a configuration with the provider and the topic [TopicAddress]. The lines are added to the block of
// the topic. Without a group_id in the lines, the topic belongs to a group without workers.
func (c *Kafka) TopicConfig(role, name string, lines ...string) string {
	if !slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, "group_id") }) {
		lines = append(lines, fmt.Sprintf("group_id = %q", "group-of-"+name))
		// The group has never had a worker, while the groups of other tests have.
		if !slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, "skip_checks") }) {
			lines = append(lines, `skip_checks = ["group"]`)
		}
	}
	return c.ProviderConfig() + fmt.Sprintf("resource \"kafkaconnect_internal_topic\" \"test\" {\n  role = %q\n  name = %q\n  %s\n}\n",
		role, name, strings.Join(lines, "\n  "))
}

// ProviderConfig returns the provider block.
func (c *Kafka) ProviderConfig() string {
	var servers []string
	for server := range strings.SplitSeq(c.Bootstrap, ",") {
		servers = append(servers, fmt.Sprintf("%q", server))
	}
	return fmt.Sprintf("provider \"kafkaconnect\" {\n  kafka = { bootstrap_servers = [%s] }\n}\n", strings.Join(servers, ", "))
}

// Unprotected is the line of a topic that a test may destroy.
const Unprotected = "deletion_protection = false"

// TopicPlanned checks the action that is planned for [TopicAddress].
func TopicPlanned(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{
		PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(TopicAddress, action)},
	}
}

// TopicAcceptance runs the steps, and checks that the final destroy deletes the topics.
func (c *Kafka) TopicAcceptance(names []string, steps ...resource.TestStep) {
	c.T.Helper()
	for _, name := range names {
		c.T.Cleanup(func() { c.Delete(name) })
	}
	resource.Test(c.T, resource.TestCase{
		ProtoV6ProviderFactories: ProviderFactories,
		Steps:                    steps,
		CheckDestroy: func(*terraform.State) error {
			for _, name := range names {
				if _, ok := c.Topic(name); ok {
					return fmt.Errorf("topic %s still exists", name)
				}
			}
			return nil
		},
	})
}

// ForgetRecords deletes all records of a topic of the shared cluster.
func ForgetRecords(t *testing.T, topic string) {
	t.Helper()
	admin := SharedKafka(t).Admin
	ends, err := admin.ListEndOffsets(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	deleted, err := admin.DeleteRecords(t.Context(), ends.Offsets())
	if err == nil {
		err = deleted.Error()
	}
	if err != nil {
		t.Fatal(err)
	}
}
