package connector_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// A name that is taken on the worker is found in the plan, also while the state is empty.
func TestConnector_takenName(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	w.Seed("orders", "RUNNING", acctest.With(fakeConfig, "topic", "other", "batch.size", "7"))
	c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig))
	taken := []string{
		`Unable to create connector "orders"`, "with another configuration. These keys differ: batch.size, topic.",
		"terraform import 'ADDRESS OF THE RESOURCE' 'orders'", `id = "orders"`,
	}
	c.MustFail(taken, plan...)
	c.MustFail(taken, append(plan, "-refresh=false")...)
	c.Configure(declared(w.URL(), "orders", fakeConfig) + fmt.Sprintf("import {\n  to = %s\n  id = \"orders\"\n}\n", address))
	acctest.SaidBy(t, c.Apply(), "1 imported, 0 added, 1 changed")
	c.MustBeEmpty()
}

func TestConnector_takenNameIsAdopted(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	w.Seed("orders", "RUNNING", fakeConfig)
	c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig))
	acctest.SaidBy(t, c.Must(plan...), `Connector "orders" exists already and will be adopted`)
	c.Apply()
	c.MustBeEmpty()

	// A value that is known only in the apply may be equal.
	c = acctest.NewCLI(t, strings.Replace(declared(w.URL(), "orders", fakeConfig), `= "t"`, "= terraform_data.topic.output", 1)+
		"resource \"terraform_data\" \"topic\" {\n  input = \"t\"\n}\n")
	acctest.SaidBy(t, c.Must(plan...), "will be adopted", "as far as it is known")
	c.Apply()
	c.MustBeEmpty()
}

// Many new connectors cost one listing, not a request each.
func TestConnector_takenNamesShareOneListing(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	w.Seed("c7", "RUNNING", acctest.With(fakeConfig, "topic", "other"))
	c := acctest.NewCLI(t, strings.Replace(many(w.URL()), "count = 200", "count = 200\n  validate = false", 1))
	out := c.MustFail([]string{`Unable to create connector "c7"`}, plan...)
	if n := diagnosed(out); n != 1 {
		t.Errorf("%d diagnostics:\n%s", n, out)
	}
	if n := w.Count("", ""); n > 4 { // GET /, one connector by its own request, which may be c7, and the listing
		t.Errorf("the plan sent %d requests: %v", n, w.Requests())
	}
}

// A name is not taken that another part of the plan gives up.
func TestConnector_nameOfOtherPartOfPlan(t *testing.T) {
	t.Parallel()
	changed := acctest.With(fakeConfig, "topic", "changed")
	for name, test := range map[string]struct {
		lines, after string // of the resource
		args         []string
		want         string
	}{
		"replaced":                 {"", "", []string{"-replace=" + address}, "1 added, 0 changed, 1 destroyed"},
		"replaced without refresh": {"", "", []string{"-replace=" + address, "-refresh=false"}, "1 added, 0 changed, 1 destroyed"},
		"moved":                    {"", "moved {\n  from = " + address + "\n  to = kafkaconnect_connector.other\n}\n", nil, "0 added, 1 changed, 0 destroyed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := connectfake.New(t)
			c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig, test.lines))
			c.Apply()
			text := declared(w.URL(), "orders", changed, test.lines)
			if test.after != "" {
				text = strings.Replace(text, `"test"`, `"other"`, 1) + test.after
			}
			c.Configure(text)
			acctest.SaidBy(t, c.Must(append(apply, test.args...)...), test.want)
			if err := fakeHolds(w, changed, "RUNNING")(nil); err != nil {
				t.Error(err)
			}
			c.MustBeEmpty()
		})
	}
}

// A connector that is deleted outside Terraform is planned as a new one.
func TestConnector_takenNameAfterDeletion(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig))
	c.Apply()
	w.Remove("orders")
	w.Forget()
	acctest.SaidBy(t, c.Must(plan...), "1 to add")
	if n := w.Count(http.MethodGet, "/connectors"); n != 0 {
		t.Errorf("the plan listed all connectors %d times", n)
	}
}
