package connectclient_test

import (
	"errors"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
)

func TestKafkaVersion(t *testing.T) {
	for text, want := range map[string]string{
		"4.1.0": "4.1.0", "3.7.2": "3.7.2", "2.8.2": "2.8.2", "3.8": "3.8.0", "4.2.0-SNAPSHOT": "4.2.0", "3.5.0.redhat-00001": "3.5.0",
		"5.5.1-ccs": "2.5.1", "6.0.0-ccs": "2.6.0", "6.2.1-ce": "2.8.1", "7.0.0-ccs": "3.0.0", "7.6.1-ccs": "3.6.1", "8.0.0-ccs": "4.0.0",
	} {
		got, ok := connectclient.Cluster{Version: text}.KafkaVersion()
		if !ok || got.String() != want {
			t.Errorf("%s: got %v, want %s", text, got, want)
		}
	}
	for _, text := range []string{"", "unknown", "v3.7"} {
		if got, ok := (connectclient.Cluster{Version: text}).KafkaVersion(); ok {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}

func TestVersionAtLeast(t *testing.T) {
	v := connectclient.Version{Major: 3, Minor: 5, Patch: 2}
	for _, test := range []struct {
		major, minor int
		want         bool
	}{{2, 9, true}, {3, 4, true}, {3, 5, true}, {3, 6, false}, {4, 0, false}} {
		if got := v.AtLeast(test.major, test.minor); got != test.want {
			t.Errorf("at least %d.%d: got %v", test.major, test.minor, got)
		}
	}
}

func TestRequireKey(t *testing.T) {
	for key, since := range map[string]string{
		"connector.plugin.version": "4.1", "key.converter.plugin.version": "4.1", "transforms.a.plugin.version": "4.1",
		"exactly.once.support": "3.3", "transaction.boundary": "3.3",
		"plugin.version": "", "my.transforms.a.plugin.version": "", "topic": "",
	} {
		for _, version := range []string{"2.8.2", "3.3.1", "4.0.0", "4.1.0", "unknown"} {
			err := connectclient.Cluster{Version: version}.RequireKey(key)
			want := ""
			if version != "unknown" && since > version {
				want = key + " needs Kafka Connect " + since + " or later; the worker runs " + version
			}
			switch {
			case want == "" && err == nil:
			case err == nil || err.Error() != want || !errors.Is(err, connectclient.ErrUnsupported):
				t.Errorf("%s on %s: got %v, want %q", key, version, err, want)
			}
		}
	}
}
