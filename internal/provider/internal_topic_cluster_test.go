package provider

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

const topicAddress = "kafkaconnect_internal_topic.test"

// cluster asks Kafka brokers without the code under test.
type cluster struct {
	t         *testing.T
	bootstrap string
	client    *kgo.Client
	admin     *kadm.Client
}

// sharedCluster is the Kafka cluster that the tests of this run share.
func sharedCluster(t *testing.T) *cluster {
	t.Helper()
	requireAcceptance(t)
	return newCluster(t, stack.Shared(t))
}

func newCluster(t *testing.T, s *stack.Stack) *cluster {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(s.Bootstrap(), ",")...),
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.MetadataMinAge(10*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return &cluster{t: t, bootstrap: s.Bootstrap(), client: client, admin: kadm.NewClient(client)}
}

// ctx outlives the test's own context, which is over when clean-up runs.
func (c *cluster) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.t.Context()), time.Minute)
	c.t.Cleanup(cancel)
	return ctx
}

// shape is what the brokers hold of a topic.
type shape struct {
	partitions, replicas int
	config               map[string]string // set on the topic itself
}

// topic is the shape of the topic, and whether it exists.
func (c *cluster) topic(name string) (shape, bool) {
	c.t.Helper()
	details, err := c.admin.Metadata(kadm.WithAuthorizedOps(c.ctx()), name) // not from the client's memory
	if err != nil {
		c.t.Fatal(err)
	}
	detail := details.Topics[name]
	if detail.Err != nil {
		if errors.Is(detail.Err, kerr.UnknownTopicOrPartition) {
			return shape{}, false
		}
		c.t.Fatal(detail.Err)
	}
	answers, err := c.admin.DescribeTopicConfigs(c.ctx(), name)
	if err != nil {
		c.t.Fatal(err)
	}
	got := shape{partitions: len(detail.Partitions), replicas: detail.Partitions.NumReplicas(), config: map[string]string{}}
	for _, setting := range answers[0].Configs {
		if setting.Source == kmsg.ConfigSourceDynamicTopicConfig {
			got.config[setting.Key] = setting.MaybeValue()
		}
	}
	return got, true
}

// has checks the number of partitions and of replicas, and the settings, cleanup.policy=compact among them.
func (c *cluster) has(name string, partitions, replicas int, config map[string]string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		got, ok := c.topic(name)
		if !ok {
			return fmt.Errorf("there is no topic %s", name)
		}
		want := map[string]string{"cleanup.policy": "compact"}
		maps.Copy(want, config)
		if got.partitions != partitions || got.replicas != replicas || !maps.Equal(got.config, want) {
			return fmt.Errorf("the brokers hold %+v, want %d partitions, %d replicas and %v", got, partitions, replicas, want)
		}
		return nil
	}
}

// must checks at once.
func (c *cluster) must(check resource.TestCheckFunc) {
	c.t.Helper()
	if err := check(nil); err != nil {
		c.t.Error(err)
	}
}

// create creates a topic as a worker would.
func (c *cluster) create(name string, partitions int, config map[string]string) {
	c.t.Helper()
	settings := map[string]*string{"cleanup.policy": new("compact")} // unless config has another
	for key, value := range config {
		settings[key] = &value
	}
	if _, err := c.admin.CreateTopic(c.ctx(), int32(partitions), 1, settings, name); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { c.delete(name) })
	eventually(c.t, "topic "+name+" is there", func() bool { got, _ := c.topic(name); return got.partitions == partitions })
}

// delete deletes the topic if it is there, and what a rebuild may have left of it.
func (c *cluster) delete(name string) {
	c.t.Helper()
	for _, n := range []string{name, name + ".rebuild"} {
		if _, err := c.admin.DeleteTopic(c.ctx(), n); err != nil && !errors.Is(err, kerr.UnknownTopicOrPartition) {
			c.t.Fatal(err)
		}
		eventually(c.t, "topic "+n+" is gone", func() bool { _, ok := c.topic(n); return !ok })
	}
}

// set sets a setting of the topic; an empty value puts it back to the broker's default.
func (c *cluster) set(name, key, value string) {
	c.t.Helper()
	change := kadm.AlterConfig{Op: kadm.SetConfig, Name: key, Value: &value}
	if value == "" {
		change = kadm.AlterConfig{Op: kadm.DeleteConfig, Name: key}
	}
	answers, err := c.admin.AlterTopicConfigs(c.ctx(), []kadm.AlterConfig{change}, name)
	if err == nil {
		err = answers[0].Err
	}
	if err != nil {
		c.t.Fatal(err)
	}
	eventually(c.t, key+" is "+value, func() bool { got, _ := c.topic(name); return got.config[key] == value })
}

// grow adds partitions without any care.
func (c *cluster) grow(name string, to int) {
	c.t.Helper()
	answers, err := c.admin.UpdatePartitions(c.ctx(), to, name)
	if err == nil {
		err = answers.Error()
	}
	if err != nil {
		c.t.Fatal(err)
	}
	eventually(c.t, "the partitions are there", func() bool { got, _ := c.topic(name); return got.partitions == to })
}

// fill writes keys with values of the size to where workers would put them, and returns the content.
func (c *cluster) fill(name string, keys, size int) map[string]string {
	c.t.Helper()
	got, _ := c.topic(name)
	content := map[string]string{}
	var records []*kgo.Record
	for i := range keys {
		key, value := fmt.Sprintf("key-%d", i), fmt.Sprintf("%d %s", i, strings.Repeat("v", size))
		content[key] = value
		records = append(records, &kgo.Record{Topic: name, Partition: int32(murmur2Partition(key, got.partitions)), Key: []byte(key), Value: []byte(value)})
	}
	if err := c.client.ProduceSync(c.ctx(), records...).FirstErr(); err != nil {
		c.t.Fatal(err)
	}
	return content
}

// content is the value that was written last for each key. Each key has to be where its hash puts it.
func (c *cluster) content(name string) map[string]string {
	c.t.Helper()
	got, _ := c.topic(name)
	ends, err := c.admin.ListEndOffsets(c.ctx(), name)
	if err != nil {
		c.t.Fatal(err)
	}
	starts, err := c.admin.ListStartOffsets(c.ctx(), name)
	if err != nil {
		c.t.Fatal(err)
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
	reader, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(c.bootstrap, ",")...), kgo.KeepControlRecords(),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{name: from}))
	if err != nil {
		c.t.Fatal(err)
	}
	defer reader.Close()
	for left > 0 {
		fetches := reader.PollFetches(c.ctx())
		if err := fetches.Err(); err != nil {
			c.t.Fatal(err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if end, _ := ends.Lookup(name, r.Partition); r.Offset == end.Offset-1 {
				left--
			}
			switch {
			case r.Attrs.IsControl():
			case int(r.Partition) != murmur2Partition(string(r.Key), got.partitions):
				c.t.Errorf("key %q of topic %s is in partition %d of %d", r.Key, name, r.Partition, got.partitions)
			case r.Value == nil:
				delete(content, string(r.Key))
			default:
				content[string(r.Key)] = string(r.Value)
			}
		})
	}
	return content
}

// murmur2Partition is where a Java producer puts the key.
func murmur2Partition(key string, partitions int) int {
	return kgo.StickyKeyPartitioner(nil).ForTopic("").Partition(&kgo.Record{Key: []byte(key)}, partitions)
}

// topicConfig declares the provider and the topic kafkaconnect_internal_topic.test, with more lines in its block. The
// group is one without workers, unless the lines name another.
func (c *cluster) topicConfig(role, name string, lines ...string) string {
	if !slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, "group_id") }) {
		lines = append(lines, fmt.Sprintf("group_id = %q", "group-of-"+name))
	}
	return c.providerConfig() + fmt.Sprintf("resource \"kafkaconnect_internal_topic\" \"test\" {\n  role = %q\n  name = %q\n  %s\n}\n",
		role, name, strings.Join(lines, "\n  "))
}

// providerConfig declares the provider.
func (c *cluster) providerConfig() string {
	var servers []string
	for server := range strings.SplitSeq(c.bootstrap, ",") {
		servers = append(servers, fmt.Sprintf("%q", server))
	}
	return fmt.Sprintf("provider \"kafkaconnect\" {\n  kafka = { bootstrap_servers = [%s] }\n}\n", strings.Join(servers, ", "))
}

// unprotected lets a test destroy its topic.
const unprotected = "deletion_protection = false"

// topicPlanned checks what the plan does to the topic.
func topicPlanned(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{
		PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(topicAddress, action)},
	}
}

// topicAcceptance runs the steps and checks that nothing of the topics is left.
func (c *cluster) topicAcceptance(names []string, steps ...resource.TestStep) {
	c.t.Helper()
	for _, name := range names {
		c.t.Cleanup(func() { c.delete(name) })
	}
	resource.Test(c.t, resource.TestCase{
		ProtoV6ProviderFactories: providerFactories,
		Steps:                    steps,
		CheckDestroy: func(*terraform.State) error {
			for _, name := range names {
				if _, ok := c.topic(name); ok {
					return fmt.Errorf("topic %s is still there", name)
				}
			}
			return nil
		},
	})
}
