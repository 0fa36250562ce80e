package connector_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// fakeConfig is a configuration that the fake worker accepts.
var fakeConfig = map[string]string{"connector.class": connectfake.FileSource, "topic": "t", "file": "f", "tasks.max": "1"}

// apply are the arguments of an apply.
var apply = []string{"apply", "-auto-approve", "-no-color"}

// another returns a second resource block, kafkaconnect_connector.copy, with the same configuration and the name that the
// expression has.
func another(url, name string) string {
	text := declared(url, "\x00", fakeConfig)
	block := strings.Replace(text[strings.Index(text, "resource"):], `"test"`, `"copy"`, 1)
	return strings.Replace(block, fmt.Sprintf("%q", "\x00"), name, 1)
}

// unknownName declares a value that is known only in the apply.
const unknownName = "\nresource \"terraform_data\" \"name\" {\n  input = \"orders\"\n}\n"

// mustHave checks whether the worker has the connectors.
func mustHave(t *testing.T, w *connectfake.Worker, want bool, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, _, ok := w.Connector(name); ok != want {
			t.Errorf("connector %s exists: %v, want %v", name, ok, want)
		}
	}
}

// mustDelete checks how many DELETE requests the worker received since its log was last emptied.
func mustDelete(t *testing.T, w *connectfake.Worker, want int) {
	t.Helper()
	if n := w.Count(http.MethodDelete, ""); n != want {
		t.Errorf("the worker received %d DELETE requests, want %d", n, want)
	}
}

// A connector that was tainted and untainted is an ordinary one: -replace deletes and creates it.
func TestConnector_replaceAfterUntaint(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	w.Break("orders", "java.lang.X: broken")
	c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig))
	c.MustFail([]string{"java.lang.X: broken"}, apply...)
	w.Repair("orders")
	w.FreeTasks("orders")
	c.Must("untaint", "-no-color", address)
	c.MustBeEmpty()
	w.Forget()
	if out := c.Must(append(apply, "-replace="+address)...); strings.Contains(out, "in place") {
		t.Errorf("the output says that the connector is repaired in place:\n%s", out)
	}
	mustDelete(t, w, 1)
	mustHave(t, w, true, "orders")
	c.MustBeEmpty()
}

// Without a refresh, Read does not tell the provider that the state has the connector.
func TestConnector_taintedIsRepairedInPlace(t *testing.T) {
	t.Parallel()
	for _, refresh := range []string{"-refresh=true", "-refresh=false"} {
		t.Run(refresh, func(t *testing.T) {
			t.Parallel()
			w := connectfake.New(t)
			c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig))
			c.Apply()
			c.Must("taint", "-no-color", address)
			changed := acctest.With(fakeConfig, "topic", "u")
			c.Configure(declared(w.URL(), "orders", changed))
			w.Forget()
			acctest.SaidBy(t, c.Must(append(apply, refresh)...), "will be repaired in place")
			mustDelete(t, w, 0)
			if n := w.Count(http.MethodPost, "/connectors"); n != 0 {
				t.Errorf("the worker received %d POST requests", n)
			}
			if err := fakeHolds(w, changed, "RUNNING")(nil); err != nil {
				t.Error(err)
			}
			c.MustBeEmpty()
		})
	}
}

// Messages name `terraform untaint`, which plans an update where Terraform would refuse or only show a replacement.
func TestConnector_failedCreateUntainted(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	w.Break("orders", "java.lang.X: broken")
	c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig, "lifecycle { prevent_destroy = true }"))
	c.MustFail([]string{"java.lang.X: broken", "terraform untaint 'ADDRESS OF THE RESOURCE'"}, apply...)
	c.MustFail([]string{"Instance cannot be destroyed"}, "plan", "-no-color")
	c.Must("untaint", "-no-color", address)
	w.Forget()
	acctest.SaidBy(t, c.Must("plan", "-no-color"), `"FAILED" -> "RUNNING"`, "1 to change, 0 to destroy")
	w.Repair("orders")
	c.Apply()
	mustDelete(t, w, 0)
	c.MustBeEmpty()
}

// With create_before_destroy, a replacement under the same name deletes nothing. The apply warns of that.
func TestConnector_createBeforeDestroyReplacesNothing(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig, "lifecycle { create_before_destroy = true }"))
	c.Apply()
	w.Forget()
	acctest.SaidBy(t, c.Must(append(apply, "-replace="+address)...), "was kept and not deleted", "remove create_before_destroy")
	mustDelete(t, w, 0)
	c.MustBeEmpty()
}

// A connector that a failed create tainted and that gets a new name is replaced, as the plan shows.
func TestConnector_renameOfTainted(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	w.Break("orders", "java.lang.X: broken")
	c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig))
	c.MustFail([]string{"java.lang.X: broken"}, apply...)
	c.Configure(declared(w.URL(), "renamed", fakeConfig))
	c.Apply()
	mustHave(t, w, false, "orders")
	mustHave(t, w, true, "renamed")
	c.MustBeEmpty()
}

func TestConnector_renameOfTaintedIsProtected(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig, "deletion_protection = true"))
	c.Apply()
	c.Must("taint", "-no-color", address)
	c.Configure(declared(w.URL(), "renamed", fakeConfig, "deletion_protection = true"))
	w.Forget()
	c.MustFail([]string{`Connector "orders" is protected from deletion`}, apply...)
	mustDelete(t, w, 0)
	mustHave(t, w, true, "orders")
	mustHave(t, w, false, "renamed")
	c.Configure(declared(w.URL(), "orders", fakeConfig, "deletion_protection = true"))
	c.Apply()
	c.MustBeEmpty()
}

// A tainted connector whose name is unknown in the plan is kept, because the name may stay the same.
func TestConnector_taintedWithUnknownName(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig))
	c.Apply()
	c.Must("taint", "-no-color", address)
	c.Configure(strings.Replace(declared(w.URL(), "orders", fakeConfig), `"orders"`, "terraform_data.name.output", 1) + unknownName)
	w.Forget()
	acctest.SaidBy(t, c.Apply(), `Connector "orders" was not deleted`)
	mustDelete(t, w, 0)
	mustHave(t, w, true, "orders")
	c.MustBeEmpty()
}

// With create_before_destroy, Terraform plans the deletion of the tainted object again after Create. The connector that
// Create adopted stays, also if it is protected.
func TestConnector_taintedCreateBeforeDestroyProtected(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig, "deletion_protection = true", "lifecycle { create_before_destroy = true }"))
	c.Apply()
	c.Must("taint", "-no-color", address)
	w.Forget()
	c.Apply()
	mustDelete(t, w, 0)
	mustHave(t, w, true, "orders")
	c.MustBeEmpty()
}

// A replacement is recognized although the name is unknown and ignore_changes hides a difference in the first plan only.
func TestConnector_replacementWithUnknownNameAndIgnoredChanges(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	lifecycle := "lifecycle { ignore_changes = [config] }"
	c := acctest.NewCLI(t, declared(w.URL(), "old", fakeConfig, lifecycle))
	c.Apply()
	changed := acctest.With(fakeConfig, "topic", "changed")
	c.Configure(strings.Replace(declared(w.URL(), "old", changed, lifecycle), `"old"`, "terraform_data.name.output", 1) + unknownName)
	c.Apply()
	mustHave(t, w, false, "old")
	mustHave(t, w, true, "orders")
	c.MustBeEmpty()
}

func TestConnector_twoResourcesWithOneName(t *testing.T) {
	t.Parallel()
	twice := []string{`Connector "orders" is declared twice`}
	t.Run("both new", func(t *testing.T) {
		t.Parallel()
		w := connectfake.New(t)
		c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig)+another(w.URL(), `"orders"`))
		c.MustFail(twice, "plan", "-no-color")
		mustHave(t, w, false, "orders")
	})
	t.Run("one new", func(t *testing.T) {
		t.Parallel()
		w := connectfake.New(t)
		first := declared(w.URL(), "orders", fakeConfig)
		c := acctest.NewCLI(t, first)
		c.Apply()
		c.Configure(first + another(w.URL(), `"orders"`))
		c.MustFail(twice, "plan", "-no-color")
		c.MustFail(twice, apply...)
		c.Configure(first)
		c.MustBeEmpty()
		mustHave(t, w, true, "orders")
	})
	t.Run("both new, name unknown in the plan", func(t *testing.T) {
		t.Parallel()
		w := connectfake.New(t)
		first := declared(w.URL(), "orders", fakeConfig)
		c := acctest.NewCLI(t, first+another(w.URL(), "terraform_data.name.output")+unknownName)
		c.MustFail(twice, apply...)
		state := c.Must("state", "list")
		if n := strings.Count(state, "kafkaconnect_connector."); n != 1 {
			t.Errorf("the state has %d connectors:\n%s", n, state)
		}
		c.MustFail(twice, "plan", "-no-color")
		if !strings.Contains(state, address) { // the other resource was the first
			first = strings.Replace(first, `"test"`, `"copy"`, 1)
		}
		c.Configure(first + unknownName)
		c.MustBeEmpty()
		mustDelete(t, w, 0)
		mustHave(t, w, true, "orders")
	})
	t.Run("one new, name unknown in the plan", func(t *testing.T) {
		t.Parallel()
		w := connectfake.New(t)
		first := declared(w.URL(), "orders", fakeConfig)
		c := acctest.NewCLI(t, first)
		c.Apply()
		c.Configure(first + another(w.URL(), "terraform_data.name.output") + unknownName)
		acctest.SaidBy(t, c.Apply(), "exists already and was adopted") // the apply does not process the unchanged resource
		c.MustFail(twice, "plan", "-no-color")
		c.Configure(first + unknownName)
		c.MustFail([]string{"terraform state rm"}, apply...)
		mustDelete(t, w, 0)
		mustHave(t, w, true, "orders")
	})
	t.Run("both in the state", func(t *testing.T) {
		t.Parallel()
		w := connectfake.New(t)
		first := declared(w.URL(), "orders", fakeConfig)
		c := acctest.NewCLI(t, first)
		c.Apply()
		provider, _, _ := strings.Cut(first, "resource")
		c.Configure(provider + another(w.URL(), `"orders"`))
		c.Must("import", "-no-color", "kafkaconnect_connector.copy", "orders")
		c.Configure(first + another(w.URL(), `"orders"`))
		c.MustFail(twice, "plan", "-no-color")
		c.Configure(first)
		shared := []string{`Connector "orders" belongs to two resources of the state`, "terraform state rm"}
		c.MustFail(shared, "plan", "-no-color")
		c.MustFail(shared, append(apply, "-refresh=false")...)
		c.Configure(first + another(w.URL(), `"renamed"`))
		c.MustFail(shared, "plan", "-no-color")
		c.Configure(first)
		mustDelete(t, w, 0)
		mustHave(t, w, true, "orders")
		c.Must("state", "rm", "kafkaconnect_connector.copy")
		c.MustBeEmpty()
	})
}

// A connector whose resource gets another address without a moved block is not lost.
func TestConnector_otherAddress(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	first := declared(w.URL(), "orders", fakeConfig)
	c := acctest.NewCLI(t, first)
	c.Apply()
	c.Configure(strings.Replace(first, `"test"`, `"other"`, 1))
	c.Apply()
	if err := fakeHolds(w, fakeConfig, "RUNNING")(nil); err != nil {
		t.Error(err)
	}
	c.MustBeEmpty()
	if state := c.Must("state", "list"); strings.TrimSpace(state) != "kafkaconnect_connector.other" {
		t.Errorf("the state has %s", state)
	}
}
