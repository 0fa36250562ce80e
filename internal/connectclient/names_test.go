package connectclient_test

import (
	"context"
	"errors"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
)

var addressable = []string{
	"a", "orders-source", "with space", "dots.and_more", "a+b", "größe-訂單-🙂", "a;b", "a?b#c", "a&b=c", `a"b`, "a:b", "a@b", "a,b", "a~b", "..a",
}

var unaddressable = []string{"", ".", "..", "a/b", "a%b", "%2F", `a\b`, "a{b", "a}b", "{a}", " a", "a ", "\ta", "a\nb", "a\x00b", "a\u0085b", "\u00a0a", "a\xffb"}

func TestValidName(t *testing.T) {
	for _, name := range addressable {
		if err := connectclient.ValidName(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range unaddressable {
		if err := connectclient.ValidName(name); err == nil {
			t.Errorf("%q is accepted", name)
		}
	}
}

// No method sends anything for a name that a worker could not find afterwards.
func TestNamesAreRefusedBeforeSending(t *testing.T) {
	worker, client := newFake(t)
	for _, name := range unaddressable {
		for method, call := range map[string]func(context.Context) error{
			"Connector": func(ctx context.Context) error { _, err := client.Connector(ctx, name); return err },
			"Status":    func(ctx context.Context) error { _, err := client.Status(ctx, name); return err },
			"Await": func(ctx context.Context) error {
				_, err := client.Await(ctx, name, connectclient.StateRunning)
				return err
			},
			"CreateConnector": func(ctx context.Context) error {
				_, _, err := client.CreateConnector(ctx, name, fileSource(), connectclient.StateRunning)
				return err
			},
			"PutConfig": func(ctx context.Context) error {
				_, _, err := client.PutConfig(ctx, connectclient.Connector{Name: name}, fileSource())
				return err
			},
			"DeleteConnector": func(ctx context.Context) error { return client.DeleteConnector(ctx, name) },
			"PauseConnector":  func(ctx context.Context) error { return client.PauseConnector(ctx, name) },
			"ResumeConnector": func(ctx context.Context) error { return client.ResumeConnector(ctx, name) },
			"StopConnector":   func(ctx context.Context) error { return client.StopConnector(ctx, name) },
			"RestartConnector": func(ctx context.Context) error {
				return client.RestartConnector(ctx, name, connectclient.RestartOptions{})
			},
		} {
			if call(t.Context()) == nil {
				t.Errorf("%s accepts %q", method, name)
			}
		}
	}
	if n := worker.Count("", ""); n != 0 {
		t.Errorf("sent %d requests", n)
	}
}

func TestNameInConfigurationMustFit(t *testing.T) {
	worker, client := newFake(t)
	config := fileSource()
	config["name"] = "other"
	_, _, created := client.CreateConnector(t.Context(), "a", config, connectclient.StateRunning)
	_, _, put := client.PutConfig(t.Context(), connectclient.Connector{Name: "a"}, config)
	for _, err := range []error{created, put} {
		if !errors.Is(err, connectclient.ErrInvalid) {
			t.Errorf("got %v", err)
		}
	}
	if n := worker.Count("", ""); n != 0 {
		t.Errorf("sent %d requests", n)
	}
}
