package cluster_test

import (
	"net/http"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// unitTest runs the steps against fake workers.
func unitTest(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: acctest.ProviderFactories, Steps: steps})
}

// known checks a value of the data source.
func known(at tfjsonpath.Path, value knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(clusterAddress, at, value)
}

// A worker that is down is shown, and the others too.
func TestCluster_showsEachWorker(t *testing.T) {
	t.Parallel()
	one := connectfake.New(t)
	old, down := one.Peer(t), one.Peer(t)
	one.Announce("abc")
	old.Inject(http.MethodGet, "/", connectfake.Always, connectfake.Answer(http.StatusOK, "application/json", `{"version":"3.5.2","commit":"c","kafka_cluster_id":"connectfake"}`))
	down.Stop()
	config := withCluster([]string{one.URL(), down.URL(), old.URL()})
	unitTest(t, resource.TestStep{
		Config: config,
		ConfigStateChecks: []statecheck.StateCheck{
			known(tfjsonpath.New("workers"), knownvalue.ListExact([]knownvalue.Check{
				knownvalue.ObjectExact(map[string]knownvalue.Check{
					"url": knownvalue.StringExact(one.URL()), "version": knownvalue.StringExact("4.3.1"), "ready": knownvalue.Bool(true),
					"config_revision": knownvalue.StringExact("abc"), "error": knownvalue.Null(),
				}),
				knownvalue.ObjectExact(map[string]knownvalue.Check{
					"url": knownvalue.StringExact(down.URL()), "version": knownvalue.Null(), "ready": knownvalue.Bool(false),
					"config_revision": knownvalue.Null(), "error": knownvalue.StringRegexp(regexp.MustCompile("^GET " + down.URL() + "/: no connection: ")),
				}),
				knownvalue.ObjectExact(map[string]knownvalue.Check{
					"url": knownvalue.StringExact(old.URL()), "version": knownvalue.StringExact("3.5.2"), "ready": knownvalue.Bool(true),
					"config_revision": knownvalue.Null(), "error": knownvalue.Null(),
				}),
			})),
			known(tfjsonpath.New("version"), knownvalue.StringExact("3.5.2")), // the oldest
			known(tfjsonpath.New("commit"), knownvalue.StringExact("c")),
			known(tfjsonpath.New("kafka_cluster_id"), knownvalue.StringExact("connectfake")),
			known(tfjsonpath.New("features"), knownvalue.MapPartial(map[string]knownvalue.Check{"stop": knownvalue.Bool(true), "alter_offsets": knownvalue.Bool(false)})),
			known(tfjsonpath.New("members"), knownvalue.Null()),
			known(tfjsonpath.New("group_id"), knownvalue.Null()),
		},
	}, resource.TestStep{Config: config, ConfigPlanChecks: acctest.Settled})
}

// A plan asks each worker once.
func TestCluster_requests(t *testing.T) {
	t.Parallel()
	one := connectfake.New(t)
	two := one.Peer(t)
	c := acctest.NewCLI(t, withCluster([]string{one.URL(), two.URL()}))
	c.Must("plan", "-no-color")
	for i, w := range []*connectfake.Worker{one, two} {
		if w.Count("", "") != 2 || w.Count(http.MethodGet, "/") != 1 {
			t.Errorf("worker %d received %v", i, w.Requests())
		}
	}
}

// A worker that is starting is waited for. The wait ends at timeouts.read, with what the worker answers.
func TestCluster_waitsForReadiness(t *testing.T) {
	t.Parallel()
	worker := connectfake.New(t)
	worker.Inject("", "", 2, connectfake.Starting())
	worker.Inject(http.MethodGet, "/connectors/*", 1, connectfake.Rebalancing())
	unitTest(t,
		resource.TestStep{
			Config:            withCluster([]string{worker.URL()}, `timeouts = { read = "5m" }`),
			ConfigStateChecks: []statecheck.StateCheck{known(tfjsonpath.New("workers").AtSliceIndex(0).AtMapKey("ready"), knownvalue.Bool(true))},
		},
		resource.TestStep{
			PreConfig: func() {
				worker.Inject(http.MethodGet, "/connectors/*", connectfake.Always, connectfake.Rebalancing())
			},
			Config: withCluster([]string{worker.URL()}, `timeouts = { read = "1s" }`),
			ConfigStateChecks: []statecheck.StateCheck{
				known(tfjsonpath.New("workers").AtSliceIndex(0).AtMapKey("ready"), knownvalue.Bool(false)),
				known(tfjsonpath.New("workers").AtSliceIndex(0).AtMapKey("error"), knownvalue.StringRegexp(regexp.MustCompile("a rebalance is expected"))),
				known(tfjsonpath.New("version"), knownvalue.StringExact("4.3.1")),
			},
		},
	)
}

func TestCluster_errors(t *testing.T) {
	t.Parallel()
	one, other, forbidden := connectfake.New(t), connectfake.New(t, connectfake.WithKafkaClusterID("another")), connectfake.New(t)
	forbidden.Inject("", "", connectfake.Always, connectfake.Answer(http.StatusUnauthorized, "", ""))
	down, silent := one.Peer(t), one.Peer(t)
	down.Stop()
	silent.Stop()
	fails := func(config string, wants ...string) {
		t.Helper()
		acctest.NewCLI(t, config).MustFail(wants, "plan", "-no-color")
	}
	fails(withCluster([]string{down.URL(), silent.URL()}, `timeouts = { read = "1s" }`), "No worker answers", "GET "+down.URL()+"/: no connection:", "GET "+silent.URL()+"/: no connection:",
		"Start the workers, or correct connect.urls of the provider. If the workers need longer to start, raise timeouts.read.")
	fails(withCluster([]string{forbidden.URL()}, `timeouts = { read = "5m" }`), "No worker answers", "requires a valid user name and password", "Check username and password")
	fails(withCluster([]string{one.URL(), other.URL()}), "connect.urls lead to different clusters", `answers kafka_cluster_id "connectfake"`, `answers "another"`)
	fails(withCluster([]string{one.URL()}, `group_id = "orders"`), "Kafka settings are missing")
	fails(withCluster([]string{one.URL()}, `cluster = "emea"`), `Unknown cluster "emea"`, "The provider has no clusters attribute.")
	fails(dataSource(), "Kafka Connect settings are missing")
}

// The data source asks the workers of the cluster that it names.
func TestCluster_named(t *testing.T) {
	t.Parallel()
	one, emea := connectfake.New(t), connectfake.New(t, connectfake.WithKafkaClusterID("emea"))
	unitTest(t, resource.TestStep{
		Config: `provider "kafkaconnect" {
  connect  = { urls = ["` + one.URL() + `"] }
  clusters = { emea = { connect = { urls = ["` + emea.URL() + `"] } } }
}
` + dataSource(`cluster = "emea"`),
		ConfigStateChecks: []statecheck.StateCheck{
			known(tfjsonpath.New("kafka_cluster_id"), knownvalue.StringExact("emea")),
			known(tfjsonpath.New("workers").AtSliceIndex(0).AtMapKey("url"), knownvalue.StringExact(emea.URL())),
		},
	})
	if n := one.Count("", ""); n != 0 {
		t.Errorf("the default cluster received %d requests", n)
	}
}
