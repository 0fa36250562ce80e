package connector_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
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

// Connectors of one name in three clusters are three objects. Their ids tell them apart, also in an import.
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

// A changed cluster replaces the connector: it is deleted in one cluster and created in the other. A tainted one, too.
func TestConnector_changedCluster(t *testing.T) {
	t.Parallel()
	emea, apac := connectfake.New(t), connectfake.New(t)
	provider := clusters("emea", emea.URL(), "apac", apac.URL())
	c := acctest.NewCLI(t, provider+in("emea", "test", "orders", fakeConfig, "deletion_protection = true"))
	c.Apply()
	c.Configure(provider + in("apac", "test", "orders", fakeConfig, "deletion_protection = true"))
	c.MustFail([]string{`Connector "orders" is protected from deletion`, "by a change of its cluster"}, apply...)
	mustHave(t, emea, true, "orders")

	c.Configure(provider + in("emea", "test", "orders", fakeConfig))
	c.Apply()
	c.Configure(provider + in("apac", "test", "orders", fakeConfig))
	acctest.SaidBy(t, c.Apply(), `A changed cluster does not keep the offsets of connector "emea/orders"`, "1 added, 0 changed, 1 destroyed")
	mustHave(t, emea, false, "orders")
	mustHave(t, apac, true, "orders")

	c.Must("taint", "kafkaconnect_connector.test")
	c.Configure(provider + in("emea", "test", "orders", fakeConfig))
	c.Apply()
	mustHave(t, emea, true, "orders")
	mustHave(t, apac, false, "orders")
	c.MustBeEmpty()
}

// One Connect cluster under two names would have each connector twice.
func TestConnector_twoNamesOfOneCluster(t *testing.T) {
	t.Parallel()
	one := connectfake.New(t)
	peer, other := one.Peer(t), connectfake.New(t) // other uses the same Kafka cluster
	same := "Two clusters of the provider lead to the same workers"
	c := acctest.NewCLI(t, clusters("a", one.URL(), "b", strings.ToUpper(one.URL()[:4])+one.URL()[4:]+"/")+in("a", "a", "orders", fakeConfig))
	c.MustFail([]string{"Two clusters lead to the same workers", `clusters["a"].connect.urls and clusters["b"].connect.urls`}, "validate", "-no-color")

	// Without connectors, workers do not tell. The connector that the first resource creates shows it to the second one.
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
