package kafkaadmin

import (
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

const time30 = 30 * time.Second

// fake starts an in-memory cluster and returns its bootstrap servers.
func fake(t testing.TB, options ...kfake.Opt) string {
	t.Helper()
	cluster, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1), kfake.GroupMinSessionTimeout(100 * time.Millisecond)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return strings.Join(cluster.ListenAddrs(), ",")
}

func newClient(t testing.TB, bootstrap string) *Client {
	t.Helper()
	c, err := New(Config{BootstrapServers: strings.Split(bootstrap, ",")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestFakeGrow(t *testing.T) {
	bootstrap := fake(t)
	want := topicWith(t, bootstrap, "offsets", fill{partitions: 1, keys: 200, history: 2000, txnEvery: 50})
	c := newClient(t, bootstrap)
	c.beforeStep = func(s string) { t.Log(time.Now().Format("05.000"), s) }
	err := converge(t.Context(), c, orders{Spec: Spec{Role: RoleOffset, Name: "offsets"}})
	if err != nil {
		t.Fatal(err)
	}
	wantContent(t, bootstrap, "offsets", 25, want)
	err = converge(t.Context(), c, orders{Spec: Spec{Role: RoleOffset, Name: "offsets", Partitions: 3, AllowDeletion: true}})
	if err != nil {
		t.Fatal(err)
	}
	wantContent(t, bootstrap, "offsets", 3, want)
}
