package internaltopic

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
)

// limited returns a client of the user who has no right but those given on the topic, and its copy.
func limited(t *testing.T, topic string, operations ...kadm.ACLOperation) *Client {
	t.Helper()
	s := realBroker(t)
	if len(operations) > 0 {
		allow(t, kadm.NewACLs().Topics(topic, topic+RebuildSuffix), operations...)
	}
	c, err := New(kafkaclient.Config{
		BootstrapServers: []string{s.BootstrapSASL()}, TLS: kafkaclient.TLS{CAPEM: readFile(t, s.Certificates.CAFile)},
		SASL: kafkaclient.SASL{Mechanism: "SCRAM-SHA-256", Username: limitedUser.Name, Password: limitedUser.Password},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func allow(t *testing.T, resource *kadm.ACLBuilder, operations ...kadm.ACLOperation) {
	t.Helper()
	admin := kadm.NewClient(independent(t, realBroker(t).Bootstrap()))
	builder := resource.ResourcePatternType(kadm.ACLPatternLiteral).Allow("User:" + limitedUser.Name).AllowHosts("*").Operations(operations...)
	results, err := admin.CreateACLs(t.Context(), builder)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Err != nil {
			t.Fatal(r.Err)
		}
	}
	t.Cleanup(func() {
		if _, err := admin.DeleteACLs(context.WithoutCancel(t.Context()), builder); err != nil {
			t.Error(err)
		}
	})
}

func TestMissingPermissionsAreNamed(t *testing.T) {
	bootstrap := realBroker(t).Bootstrap()
	describe := []kadm.ACLOperation{kadm.OpDescribe, kadm.OpDescribeConfigs}
	grow := func(c *Client, topic string) error {
		return converge(t.Context(), c, orders{Spec: Spec{Role: RoleOffset, Name: topic, Partitions: 3}, GroupID: "group-of-" + topic})
	}
	for name, c := range map[string]struct {
		allowed []kadm.ACLOperation
		do      func(*Client, string) error
		says    string
	}{
		"read": {nil, func(c *Client, topic string) error { _, err := c.Inspect(t.Context(), topic); return err }, "describe topic"},
		"read settings": {[]kadm.ACLOperation{kadm.OpDescribe}, func(c *Client, topic string) error {
			_, err := c.Inspect(t.Context(), topic)
			return err
		}, "describe the settings of topic"},
		"alter settings": {describe, func(c *Client, topic string) error {
			return converge(t.Context(), c, orders{Spec: Spec{Role: RoleOffset, Name: topic, Partitions: 1, Config: map[string]string{"segment.ms": "1000"}}})
		}, "alter settings of topic"},
		"delete": {describe, func(c *Client, topic string) error {
			return c.Delete(t.Context(), topic, Options{GroupID: "group-of-" + topic})
		}, "delete topic"},
		"create": {describe, func(c *Client, topic string) error {
			_, err := c.Apply(t.Context(), []Step{{Action: ActionCreate, Topic: topic + "-new", To: 1, ReplicationFactor: 1}}, Options{})
			return err
		}, "create topic"},
		"reassign": {describe, func(c *Client, topic string) error {
			_, err := c.Apply(t.Context(), []Step{{Action: ActionReassign, Topic: topic, From: 1, To: 1}}, Options{})
			return err
		}, ""},
		"grow without the rest": {append(describe, kadm.OpAlter), grow, "lacks"},
	} {
		t.Run(name, func(t *testing.T) {
			topic := uniqueName(t)
			want := topicWith(t, bootstrap, topic, fill{partitions: 1, keys: 5, history: 5})
			allow(t, kadm.NewACLs().Groups("group-of-"+topic), kadm.OpRead, kadm.OpDescribe)
			err := c.do(limited(t, topic, c.allowed...), topic)
			if c.says == "" { // nothing to do needs no permission
				if err != nil {
					t.Errorf("got %v", err)
				}
				return
			}
			if !errors.Is(err, kafkaclient.ErrUnauthorized) {
				t.Fatalf("got %v", err)
			}
			for _, part := range []string{c.says, topic, "User:limited"} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q is missing in: %v", part, err)
				}
			}
			wantContent(t, bootstrap, topic, 1, want)
		})
	}
}

func TestMissingGroupPermissionIsNamed(t *testing.T) {
	topic := uniqueName(t)
	topicWith(t, realBroker(t).Bootstrap(), topic, fill{partitions: 1, keys: 5, history: 5})
	c := limited(t, topic, kadm.OpAll)
	err := converge(t.Context(), c, orders{Spec: Spec{Role: RoleOffset, Name: topic, Partitions: 3}, GroupID: "group-of-" + topic})
	if !errors.Is(err, kafkaclient.ErrUnauthorized) || !strings.Contains(err.Error(), `group "group-of-`+topic) || !strings.Contains(err.Error(), "User:limited") {
		t.Errorf("got %v", err)
	}
}

// The permissions that the documentation lists are enough.
func TestRebuildNeedsNoMoreThanTopicPermissions(t *testing.T) {
	bootstrap := realBroker(t).Bootstrap()
	topic := uniqueName(t)
	want := topicWith(t, bootstrap, topic, fill{partitions: 2, keys: 50, history: 100})
	allow(t, kadm.NewACLs().Groups("group-of-"+topic), kadm.OpRead, kadm.OpDescribe)
	c := limited(t, topic, kadm.OpCreate, kadm.OpAlter, kadm.OpAlterConfigs, kadm.OpDescribeConfigs, kadm.OpDescribe, kadm.OpRead, kadm.OpWrite, kadm.OpDelete)
	for _, n := range []int{4, 1} {
		err := converge(t.Context(), c, orders{Spec: Spec{Role: RoleOffset, Name: topic, Partitions: n, AllowDeletion: true}, GroupID: "group-of-" + topic})
		if err != nil {
			t.Fatal(err)
		}
		wantContent(t, bootstrap, topic, n, want)
	}
}
