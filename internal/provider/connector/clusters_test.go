package connector_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// declaredFor is declared with two URLs in connect.urls.
func declaredFor(first, second, name string, config map[string]string) string {
	text := declared(first, name, config)
	return strings.Replace(text, fmt.Sprintf("[%q]", first), fmt.Sprintf("[%q, %q]", first, second), 1)
}

var plan = []string{"plan", "-no-color"}

// An answer about another connector is an error. It never makes Terraform delete the other connector.
func TestAccConnector_answerAboutAnotherConnector(t *testing.T) {
	t.Parallel()
	w := sharedWorker(t)
	name, other, config := acctest.UniqueName("asked"), acctest.UniqueName("other"), source(t)
	t.Cleanup(func() { w.Delete(other) })
	w.Do(http.MethodPost, "/connectors", map[string]any{"name": other, "config": config})
	c := acctest.NewCLI(t, declared(w.URL, name, config))
	t.Cleanup(func() { w.Delete(name) })
	c.Apply()
	w.Forget()
	w.Before(func(r *http.Request) {
		r.URL.Path = strings.Replace(r.URL.Path, "/connectors/"+name, "/connectors/"+other, 1)
	})
	wants := []string{"Unable to read connector", fmt.Sprintf("asked for connector %q and answered with connector %q", name, other), w.URL + "/connectors/" + name, "proxy"}
	c.MustFail(wants, plan...)
	c.MustFail(wants, apply...)
	c.MustFail(wants, "destroy", "-auto-approve", "-no-color")
	w.Before(nil)
	if got := w.Writes(); len(got) != 0 {
		t.Errorf("the provider sent %q", got)
	}
	w.isRunning(other, config)
	c.MustBeEmpty()
}

// Connectors are not created again in another cluster while the worker that has them is down.
func TestConnector_workerOfAnotherKafkaCluster(t *testing.T) {
	t.Parallel()
	one, two := connectfake.New(t), connectfake.New(t, connectfake.WithKafkaClusterID("another"))
	c := acctest.NewCLI(t, declared(one.URL(), "orders", fakeConfig))
	c.Apply()
	one.Inject("", "", connectfake.Always, connectfake.Reset())
	c.Configure(declaredFor(one.URL(), two.URL(), "orders", fakeConfig))
	wants := []string{"connect.urls may lead to different clusters", `kafka_cluster_id "connectfake"`, two.URL() + ` answers kafka_cluster_id "another"`, one.URL() + " does not answer"}
	c.MustFail(wants, apply...)
	c.MustFail(wants, append(apply, "-refresh=false", "-destroy")...)
	mustHave(t, two, false, "orders")
	mustHave(t, one, true, "orders")

	// If all workers have moved to another Kafka cluster, the plan warns and does not fail.
	c.Configure(declared(two.URL(), "orders", fakeConfig))
	out := c.Apply()
	acctest.SaidBy(t, out, "The workers use another Kafka cluster than before", `kafka_cluster_id "connectfake"`, "1 added, 0 changed, 0 destroyed")
	mustHave(t, two, true, "orders")
	two.Remove("orders")
	if out := c.Apply(); strings.Contains(out, "another Kafka cluster") {
		t.Errorf("the id of the new cluster was not saved:\n%s", out)
	}
}

// A plan without changes does not ask for the cluster.
func TestConnector_clusterIsNotReadWithoutChanges(t *testing.T) {
	t.Parallel()
	one := connectfake.New(t)
	two := one.Peer(t)
	c := acctest.NewCLI(t, declaredFor(one.URL(), two.URL(), "orders", fakeConfig))
	c.Apply()
	one.Forget()
	two.Forget()
	c.MustBeEmpty()
	if n := one.Count("", "") + two.Count("", ""); n != 2 { // connector and status
		t.Errorf("the plan sent %d requests: %v, %v", n, one.Requests(), two.Requests())
	}
}

func TestAccConnector_urlsOfDifferentClusters(t *testing.T) {
	t.Parallel()
	here := sharedWorker(t)
	s := stack.Start(t, stack.Options{})
	first := s.Workers[0]
	group, err := s.AddWorker(t.Context(), stack.WorkerOptions{GroupID: "another-group"})
	if err != nil {
		t.Fatal(err)
	}
	there, name, config := watch(t, first.URL), acctest.UniqueName("orders"), source(t)
	c := acctest.NewCLI(t, declaredFor(first.URL, here.Direct, name, config))

	differs := []string{"connect.urls lead to different clusters", first.URL + " answers kafka_cluster_id", here.Direct + " answers"}
	c.MustFail(differs, plan...)
	c.Configure(declared(first.URL, name, config)) // alone, it is right
	c.Apply()
	c.Configure(declaredFor(group.URL, first.URL, name+"-2", config))
	c.MustFail([]string{"connect.urls lead to different clusters", fmt.Sprintf("%s has connector %q and %s does not", first.URL, name, group.URL)}, plan...)

	if err := first.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.Configure(declaredFor(first.URL, here.Direct, name, config))
	silent := []string{"connect.urls may lead to different clusters", first.URL + " does not answer", here.Direct + " answers kafka_cluster_id"}
	c.MustFail(silent, apply...)
	c.MustFail(silent, append(apply, "-refresh=false", "-destroy")...)
	if status, _ := here.Ask(http.MethodGet, "/connectors/"+name, nil); status != http.StatusNotFound {
		t.Errorf("the other cluster answers %d for the connector", status)
	}
	c.Configure(declaredFor(first.URL, group.URL, name, config)) // the id is the same
	acctest.SaidBy(t, c.Must(plan...), fmt.Sprintf("A worker that does not answer may have connector %q", name), first.URL+" did not answer")
	if err := first.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	there.isRunning(name, config)
	c.Configure(declared(first.URL, name, config))
	c.MustBeEmpty()
}
