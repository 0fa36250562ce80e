package connector_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// clusters returns a provider block. The pairs are the names and URLs of clusters; an empty name stands for the default one.
func clusters(pairs ...string) string {
	var byDefault, named strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		connect := fmt.Sprintf("connect = { urls = [%q] }\n", pairs[i+1])
		if pairs[i] == "" {
			byDefault.WriteString(connect)
		} else {
			fmt.Fprintf(&named, "    %s = { %s }\n", pairs[i], strings.TrimSpace(connect))
		}
	}
	return fmt.Sprintf("provider \"kafkaconnect\" {\n  %s  clusters = {\n%s  }\n}\n", byDefault.String(), named.String())
}

// in declares a connector in a cluster. The label is the name of the resource; an empty cluster is the default one.
func in(cluster, label, name string, config map[string]string, lines ...string) string {
	if cluster != "" {
		lines = append(lines, fmt.Sprintf("cluster = %q", cluster))
	}
	return fmt.Sprintf("resource \"kafkaconnect_connector\" %q {\n  name = %q\n  config = %s\n  %s\n}\n", label, name, hcl(config), strings.Join(lines, "\n  "))
}

// Connectors of one name in three clusters are three objects with different ids, also in an import.
func TestConnector_namedClusters(t *testing.T) {
	t.Parallel()
	home, emea, apac := connectfake.New(t), connectfake.New(t), connectfake.New(t, connectfake.WithKafkaClusterID("another"))
	provider := clusters("", home.URL(), "emea", emea.URL(), "apac", apac.URL())
	objects := in("", "home", "orders", fakeConfig) + in("emea", "emea", "orders", fakeConfig) + in("apac", "apac", "orders", fakeConfig)
	outputs := "output \"ids\" { value = [kafkaconnect_connector.home.id, kafkaconnect_connector.emea.id, kafkaconnect_connector.apac.id] }\n"
	c := acctest.NewCLI(t, provider+objects+outputs)
	acctest.SaidBy(t, c.Apply(), "3 added", `"orders", "emea/orders", "apac/orders",`)
	c.MustBeEmpty()
	for _, w := range []*connectfake.Worker{home, emea, apac} {
		mustHave(t, w, true, "orders")
	}

	for _, label := range []string{"home", "emea", "apac"} {
		c.Must("state", "rm", "kafkaconnect_connector."+label)
	}
	c.Must("import", "kafkaconnect_connector.home", "orders")
	c.Must("import", "kafkaconnect_connector.emea", "emea/orders")
	c.Must("import", "kafkaconnect_connector.apac", "apac/orders")
	c.MustBeEmpty()

	c.MustFail([]string{`Unknown cluster "us"`, "The clusters attribute of the provider has: apac, emea.", `Add "us" there`}, "import", "kafkaconnect_connector.home", "us/orders")
	c.Configure(provider + objects + in("us", "us", "orders", fakeConfig))
	c.MustFail([]string{`Unknown cluster "us"`, "apac, emea", "cluster = "}, plan...)
	c.Configure(declared(home.URL(), "orders", fakeConfig) + in("emea", "emea", "orders", fakeConfig))
	c.MustFail([]string{`Unknown cluster "emea"`, "The provider has no clusters attribute."}, plan...)

	c.Configure(provider)
	c.Apply()
	for _, w := range []*connectfake.Worker{home, emea, apac} {
		mustHave(t, w, false, "orders")
	}
}

// One Connect cluster under two names would have each connector twice.
func TestConnector_twoNamesOfOneCluster(t *testing.T) {
	t.Parallel()
	one := connectfake.New(t)
	peer, other := one.Peer(t), connectfake.New(t) // other uses the same Kafka cluster
	same := "Two clusters of the provider lead to the same workers"
	c := acctest.NewCLI(t, clusters("a", one.URL(), "b", strings.ToUpper(one.URL()[:4])+one.URL()[4:]+"/")+in("a", "a", "orders", fakeConfig))
	c.MustFail([]string{"Two clusters lead to the same workers", `clusters["a"].connect.urls and clusters["b"].connect.urls`}, "validate", "-no-color")

	// Without connectors, the two clusters look different. The connector that the first resource creates shows that they are one.
	c.Configure(clusters("a", one.URL(), "b", peer.URL()) + in("a", "a", "orders", fakeConfig) + in("b", "b", "orders", fakeConfig, "depends_on = [kafkaconnect_connector.a]"))
	c.MustFail([]string{`Unable to create connector "orders"`, "both names lead to one Connect cluster"}, apply...)
	c.Configure(clusters("a", one.URL(), "b", peer.URL()) + in("a", "a", "orders", fakeConfig) + in("b", "b", "payments", fakeConfig))
	out := c.MustFail([]string{same, `they have the same connectors on the same workers, such as "orders"`}, plan...)
	if strings.Count(out, same) != 1 {
		t.Errorf("the error is not shown once:\n%s", out)
	}

	// Two groups of workers may use one Kafka cluster, and have connectors of the same names.
	c.Configure(clusters("a", one.URL(), "b", other.URL()) + in("a", "a", "orders", fakeConfig) + in("b", "b", "orders", fakeConfig))
	c.Apply()
	c.MustBeEmpty()
}

// KAFKA_CONNECT_URL may lead to a named cluster while no object uses the default cluster.
func TestConnector_unusedDefaultCluster(t *testing.T) {
	t.Parallel()
	one := connectfake.New(t)
	provider := clusters("a", one.Peer(t).URL())
	c := acctest.NewCLI(t, provider+in("a", "a", "orders", fakeConfig))
	c.Env = append(c.Env, "KAFKA_CONNECT_URL="+one.URL())
	c.Apply()
	c.Configure(provider + in("a", "a", "orders", fakeConfig) + in("a", "b", "payments", fakeConfig))
	acctest.SaidBy(t, c.Apply(), "1 added, 0 changed, 0 destroyed")
	c.Configure(provider + in("a", "a", "orders", fakeConfig) + in("", "b", "payments", fakeConfig))
	c.MustFail([]string{"Two clusters of the provider lead to the same workers", `The default cluster and cluster "a"`}, plan...)
}

// The default cluster is compared with the others also if the first object that uses it is planned after those of the others.
func TestConnector_otherNameOfTheDefaultCluster(t *testing.T) {
	t.Parallel()
	one := connectfake.New(t)
	peer := one.Peer(t)
	one.Seed("seeded", "RUNNING", fakeConfig)
	provider := clusters("", one.URL(), "b", peer.URL())
	c := acctest.NewCLI(t, provider+in("b", "b", "orders", fakeConfig)+in("", "test", "payments", fakeConfig, "depends_on = [kafkaconnect_connector.b]"))
	c.MustFail([]string{"Two clusters of the provider lead to the same workers", `The default cluster and cluster "b" are one Connect cluster`}, plan...)
	c.Configure(provider + in("b", "b", "orders", fakeConfig))
	c.Apply() // nothing uses the default cluster
}

// A state that was written before clusters existed needs no change.
func TestConnector_stateWithoutCluster(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig))
	c.Apply()
	file := filepath.Join(c.Dir, "terraform.tfstate")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	older := regexp.MustCompile(`(?m)^\s*"cluster": null,?\n`).ReplaceAll(text, nil)
	if len(older) == len(text) {
		t.Fatalf("no cluster in the state:\n%s", text)
	}
	if err := os.WriteFile(file, older, 0o600); err != nil {
		t.Fatal(err)
	}
	c.MustBeEmpty()
	if n := len(w.Requests()); n == 0 {
		t.Error("the plan did not read the connector")
	}
}

// Two groups of workers on one Kafka: group "a" has two workers, and group "b" has one.
func TestAccConnector_namedClusters(t *testing.T) {
	t.Parallel()
	acctest.RequireAcceptance(t)
	s := stack.Start(t, stack.Options{Workers: 2})
	b, err := s.AddWorker(t.Context(), stack.WorkerOptions{GroupID: "another-group"})
	if err != nil {
		t.Fatal(err)
	}
	t.Run("example", func(t *testing.T) { applyFleet(t, s.URLs()[:2], b.URL, s.Bootstrap()) })
	t.Run("topics and workers", func(t *testing.T) { applyOtherNouns(t, s, b.URL) })
	t.Run("two names", func(t *testing.T) { refuseTwoNames(t, s, b.URL) })
	t.Run("down", func(t *testing.T) {
		c := acctest.NewCLI(t, clusters("a", s.Workers[0].URL, "b", b.URL)+in("a", "a", "orders", source(t))+in("b", "b", "orders", source(t)))
		c.Apply()
		if err := b.Kill(t.Context()); err != nil {
			t.Fatal(err)
		}
		out := c.Must(plan...)
		acctest.SaidBy(t, out, `because no worker of cluster "b" answers`, "0 to add, 1 to change, 0 to destroy", `"UNREACHABLE" -> "RUNNING"`)
		if strings.Contains(out, `cluster "a"`) {
			t.Errorf("the plan warns of the other cluster, too:\n%s", out)
		}
	})
}

// applyFleet applies the example of the guide.
func applyFleet(t *testing.T, emea []string, apac, brokers string) {
	t.Helper()
	c, data := acctest.NewCLI(t, ""), t.TempDir()
	c.UseExample("examples/clusters")
	fleet := filepath.Join(c.Dir, "fleet.yaml")
	text, err := os.ReadFile(fleet)
	if err != nil {
		t.Fatal(err)
	}
	adapted := strings.NewReplacer(
		"http://worker-0.emea:8083", emea[0], "http://worker-1.emea:8083", emea[1], "http://worker-0.apac:8083", apac,
		"broker-0.emea:9092", brokers, "broker-0.apac:9092", brokers, "/data/", data+"/",
	).Replace(string(text))
	for file, text := range map[string]string{fleet: adapted, filepath.Join(data, "orders.txt"): "one\ntwo\n"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	acctest.SaidBy(t, c.Apply(), "3 added", "[id=emea/orders-source]")
	c.MustBeEmpty()
	if w := watch(t, emea[1]); !w.Exists("orders-source") || !w.Exists("orders-archive") {
		t.Error("emea lacks a connector")
	}
	if w := watch(t, apac); !w.Exists("orders-source") || w.Exists("orders-archive") {
		t.Error("apac has other connectors than declared")
	}
	c.Must("destroy", "-auto-approve", "-no-color")
}

// applyOtherNouns applies topics and worker configurations of two clusters, and imports a topic.
func applyOtherNouns(t *testing.T, s *stack.Stack, other string) {
	t.Helper()
	topic := func(cluster, label, name string) string {
		return fmt.Sprintf("resource \"kafkaconnect_internal_topic\" %q {\n  cluster = %q\n  role = \"status\"\n  name = %q\n}\n", label, cluster, name)
	}
	provider := fmt.Sprintf(`provider "kafkaconnect" {
  clusters = {
    a = { connect = { urls = [%q] }, kafka = { bootstrap_servers = [%q] } }
    b = { connect = { urls = [%q] }, kafka = { bootstrap_servers = [%q] } }
  }
}
`, s.Workers[0].URL, s.Bootstrap(), other, s.Bootstrap())
	config := `resource "kafkaconnect_worker_config" "b" {
  cluster              = "b"
  group_id             = "third-group"
  offset_storage_topic = "third-offset"
  config_storage_topic = "third-config"
  status_storage_topic = "third-status"
  key_converter        = "org.apache.kafka.connect.json.JsonConverter"
  value_converter      = "org.apache.kafka.connect.json.JsonConverter"
}
output "servers" { value = nonsensitive(kafkaconnect_worker_config.b.properties["bootstrap.servers"]) }
`
	c := acctest.NewCLI(t, provider+topic("a", "a", "status-of-a")+topic("b", "b", "status-of-b")+config)
	acctest.SaidBy(t, c.Apply(), "3 added", "[id=a/status/status-of-a]", s.Bootstrap())
	c.MustBeEmpty()
	c.Must("state", "rm", "kafkaconnect_internal_topic.b")
	c.Must("import", "kafkaconnect_internal_topic.b", "b/status/status-of-b")
	c.MustBeEmpty()
	c.Configure(provider + topic("a", "a", "status-of-a") + topic("b", "b", "status-of-a") + config)
	c.MustFail([]string{`Internal topic "status-of-a" is declared twice`, "or another one with the same brokers"}, plan...)
}

// refuseTwoNames declares the two workers of one group as two clusters.
func refuseTwoNames(t *testing.T, s *stack.Stack, other string) {
	t.Helper()
	kafka := fmt.Sprintf(", kafka = { bootstrap_servers = [%q] } }\n", s.Bootstrap())
	withKafka := strings.NewReplacer(" } }\n", " }"+kafka)
	objects := in("a", "a", "orders", source(t)) + in("b", "b", "payments", source(t))
	const same = "Two clusters of the provider lead to the same workers"

	c := acctest.NewCLI(t, withKafka.Replace(clusters("a", s.Workers[0].URL, "b", s.Workers[1].URL))+objects)
	c.MustFail([]string{same, "their workers are members of group"}, apply...)
	c.Configure(withKafka.Replace(clusters("a", s.Workers[0].URL, "b", other)) + objects)
	c.Apply()
	c.Configure(clusters("a", s.Workers[0].URL, "b", s.Workers[1].URL) + objects)
	c.MustFail([]string{same, `they have the same connectors on the same workers, such as "orders"`}, plan...)
	c.Configure(withKafka.Replace(clusters("a", s.Workers[0].URL, "b", other)))
	c.Apply()
}

// The identity of a connector in a named cluster has the cluster, and imports the connector.
func TestConnector_identityInNamedCluster(t *testing.T) {
	t.Parallel()
	home, emea := connectfake.New(t), connectfake.New(t)
	config := clusters("", home.URL(), "emea", emea.URL()) + in("emea", "test", "orders", fakeConfig)
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		Steps: []resource.TestStep{
			{Config: config, ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectIdentity(address, map[string]knownvalue.Check{"name": knownvalue.StringExact("orders"), "cluster": knownvalue.StringExact("emea")}),
			}},
			{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
			{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithID},
		},
	})
}

// While the clusters, or the cluster of a connector, are known only after apply, connectors of one name are not two declarations
// of one connector.
func TestConnector_unknownClusters(t *testing.T) {
	t.Parallel()
	emea, apac := connectfake.New(t), connectfake.New(t)
	fleet := fmt.Sprintf("resource \"terraform_data\" \"fleet\" { input = { emea = %q, apac = %q } }\n", emea.URL(), apac.URL())
	provider := "provider \"kafkaconnect\" {\n  clusters = { for name, url in terraform_data.fleet.output : name => { connect = { urls = [url] } } }\n}\n"
	c := acctest.NewCLI(t, fleet+provider+in("emea", "a", "orders", fakeConfig)+in("apac", "b", "orders", fakeConfig))
	c.Apply()
	c.MustBeEmpty()
	c.Configure(fleet + provider + in("emea", "a", "orders", fakeConfig))
	c.Must("taint", "terraform_data.fleet") // so that the clusters are unknown again
	c.Apply()
	mustHave(t, emea, true, "orders")
	mustHave(t, apac, false, "orders")
	c.Configure(fleet + provider + in("emea", "a", "payments", fakeConfig) + in("emea", "b", "payments", fakeConfig))
	c.Must("taint", "terraform_data.fleet")
	c.MustFail([]string{`Connector "payments" is declared twice`, `in cluster "emea"`}, plan...)

	each := strings.Replace(in("", "each", "shipments", fakeConfig), "name =", "for_each = toset([\"emea\", \"apac\"])\n  cluster = terraform_data.names[each.key].output\n  name =", 1)
	c = acctest.NewCLI(t, "resource \"terraform_data\" \"names\" {\n  for_each = toset([\"emea\", \"apac\"])\n  input = each.key\n}\n"+
		clusters("emea", emea.URL(), "apac", apac.URL())+each)
	c.Apply()
	mustHave(t, emea, true, "shipments")
	mustHave(t, apac, true, "shipments")
	c.MustBeEmpty()
}

// An entry that is null has no settings.
func TestConnector_nullCluster(t *testing.T) {
	t.Parallel()
	emea := connectfake.New(t)
	provider := fmt.Sprintf("provider \"kafkaconnect\" {\n  clusters = { apac = null, emea = { connect = { urls = [%q] } } }\n}\n", emea.URL())
	c := acctest.NewCLI(t, provider+in("emea", "test", "orders", fakeConfig))
	c.Apply()
	c.Configure(provider + in("emea", "test", "orders", fakeConfig) + in("apac", "other", "orders", fakeConfig))
	c.MustFail([]string{"Kafka Connect settings are missing", `Set clusters["apac"].connect.urls of the provider`}, apply...)
}
