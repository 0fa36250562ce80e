package logger_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

const address = "kafkaconnect_logger.test"

// block is one kafkaconnect_logger.
type block struct{ name, level string }

// declared returns a configuration of the provider with these URLs, and of loggers. One alone is kafkaconnect_logger.test.
func declared(urls []string, blocks ...block) string {
	return settings("urls = "+list(urls)) + loggers(blocks...)
}

func settings(connect string) string {
	return "provider \"kafkaconnect\" {\n  connect = {\n    " + connect + "\n  }\n}\n"
}

func loggers(blocks ...block) string {
	var b strings.Builder
	for i, one := range blocks {
		label := "test"
		if i > 0 {
			label = fmt.Sprintf("test%d", i)
		}
		fmt.Fprintf(&b, "resource \"kafkaconnect_logger\" %q {\n  name  = %q\n  level = %q\n}\n", label, one.name, one.level)
	}
	return b.String()
}

func list(urls []string) string {
	text, _ := json.Marshal(urls)
	return string(text)
}

// level returns the level that the worker at the URL has for a logger, or "" if the logger has none of its own.
func level(t *testing.T, url, name string) string {
	t.Helper()
	w := &acctest.Worker{T: t, Direct: url}
	status, body := w.Ask(http.MethodGet, "/admin/loggers/"+name, nil)
	var answer struct{ Level string }
	if err := json.Unmarshal(body, &answer); err != nil || status != http.StatusOK && status != http.StatusNotFound {
		t.Fatalf("%s answers %d: %s", url, status, body)
	}
	return answer.Level
}

// have checks the level of a logger on each worker.
func have(t *testing.T, urls []string, name, want string) {
	t.Helper()
	for _, url := range urls {
		if got := level(t, url, name); got != want {
			t.Errorf("%s has level %q for %s, want %s", url, got, name, want)
		}
	}
}

var (
	plan  = []string{"plan", "-no-color"}
	apply = []string{"apply", "-auto-approve", "-no-color"}
)

// versions have the two ways to set a level, and the two ways to list loggers.
var versions = []string{"2.8.2", "3.7.2", stack.DefaultVersion}

// onEach runs a test on two workers of each version.
func onEach(t *testing.T, test func(t *testing.T, s *stack.Stack)) {
	t.Parallel()
	acctest.RequireAcceptance(t)
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			test(t, stack.Start(t, stack.Options{Workers: 2, WorkerVersion: version}))
		})
	}
}

func TestAccLogger_lifecycle(t *testing.T) {
	onEach(t, func(t *testing.T, s *stack.Stack) {
		urls, name := s.URLs(), "com.example.Lifecycle"
		shown := func(name string, value knownvalue.Check) statecheck.StateCheck {
			return statecheck.ExpectKnownValue(address, tfjsonpath.New(name), value)
		}
		holds := func(want string) resource.TestCheckFunc {
			return func(*terraform.State) error { have(t, urls, name, want); return nil }
		}
		resource.Test(t, resource.TestCase{
			ProtoV6ProviderFactories: acctest.ProviderFactories,
			Steps: []resource.TestStep{
				{
					Config: declared(urls, block{name, "DEBUG"}),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						plancheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact(name)),
					}},
					Check: holds("DEBUG"),
					ConfigStateChecks: []statecheck.StateCheck{
						shown("id", knownvalue.StringExact(name)),
						shown("level", knownvalue.StringExact("DEBUG")),
						shown("original_level", knownvalue.Null()),
						shown("levels", knownvalue.MapExact(map[string]knownvalue.Check{urls[0]: knownvalue.StringExact("DEBUG"), urls[1]: knownvalue.StringExact("DEBUG")})),
					},
				},
				{Config: declared(urls, block{name, "DEBUG"}), ConfigPlanChecks: acctest.Settled},
				{ResourceName: address, ImportState: true, ImportStateId: name, ImportStateVerify: true},
				{
					Config: declared(urls, block{name, "off"}),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
					}},
					Check:             holds("OFF"),
					ConfigStateChecks: []statecheck.StateCheck{shown("level", knownvalue.StringExact("off"))},
				},
				{Config: declared(urls, block{name, "off"}), ConfigPlanChecks: acctest.Settled},
				{
					Config: declared(urls, block{"com.example.Other", "WARN"}),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(address, plancheck.ResourceActionReplace),
					}},
					Check: holds("INFO"),
				},
			},
			CheckDestroy: func(*terraform.State) error { have(t, urls, "com.example.Other", "INFO"); return nil },
		})
	})
}

// Followers of a cluster with exactly-once support set levels for the whole cluster, too.
func TestAccLogger_exactlyOnce(t *testing.T) {
	t.Parallel()
	acctest.RequireAcceptance(t)
	for _, version := range []string{"3.7.2", "3.9.1", stack.DefaultVersion} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			s := stack.Start(t, stack.Options{
				Workers: 2, WorkerVersion: version, WorkerProperties: map[string]string{"exactly.once.source.support": "enabled"},
			})
			urls := s.URLs()
			for i, order := range [][]string{{urls[0], urls[1]}, {urls[1], urls[0]}} { // one of the two is a follower
				name := fmt.Sprintf("com.example.Order%d", i)
				c := acctest.NewCLI(t, declared(order, block{name, "DEBUG"}))
				c.Apply()
				have(t, urls, name, "DEBUG")
				w := &acctest.Worker{T: t, Direct: order[0]}
				if status, body := w.Ask(http.MethodPut, "/admin/loggers/"+name+"?scope=cluster", map[string]string{"level": "WARN"}); status != http.StatusNoContent {
					t.Errorf("%s answers %d: %s", order[0], status, body)
				}
			}
		})
	}
}

// The level that one worker has lost by a restart is drift. While the worker is down, the plan shows no change.
func TestAccLogger_restart(t *testing.T) {
	onEach(t, func(t *testing.T, s *stack.Stack) {
		urls, name := s.URLs(), "com.example.Restart"
		c := acctest.NewCLI(t, declared(urls, block{name, "DEBUG"}))
		c.Apply()
		if err := s.Workers[1].Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.MustBeEmpty()
		c.Configure(declared(urls, block{name, "TRACE"}))
		acctest.SaidBy(t, c.Apply(), "was not set on all workers", urls[1]+" did not answer", "1 changed")
		have(t, urls[:1], name, "TRACE")
		c.MustBeEmpty()
		if err := s.Workers[1].Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		acctest.SaidBy(t, c.Must(plan...), `level = "INFO, TRACE" -> "TRACE"`, "1 to change")
		c.Must("apply", "-refresh-only", "-auto-approve")
		acctest.SaidBy(t, c.Apply(), "1 changed")
		have(t, urls, name, "TRACE")
		c.MustBeEmpty()
		c.Must("destroy", "-auto-approve", "-no-color")
		have(t, urls, name, "INFO")
	})
}

// Loggers below each other keep their levels, whichever of them is created, changed or destroyed, and in whichever order. One may
// lose its level: since 4.0, workers do not list a logger with OFF, and Terraform does not tell a new resource above of one below
// that does not change. Then the next apply sets it again.
func TestAccLogger_loggersBelow(t *testing.T) {
	onEach(t, func(t *testing.T, s *stack.Stack) {
		urls := s.URLs()
		foreign := &acctest.Worker{T: t, Direct: urls[0]}
		for _, url := range urls {
			foreign.Direct = url
			foreign.Do(http.MethodPut, "/admin/loggers/org.other", map[string]string{"level": "ERROR"})
		}
		below := []block{}
		for i := range 12 {
			below = append(below, block{fmt.Sprintf("com.example.L%d", i), "DEBUG"})
		}
		below[1].level = "OFF"
		listed := below // those that keep their levels whenever a logger above is created
		if strings.HasPrefix(s.Options.WorkerVersion, "4.") {
			listed = slices.Delete(slices.Clone(below), 1, 2)
		}
		check := func(above block, below []block) {
			t.Helper()
			have(t, urls, above.name, above.level)
			have(t, urls, "org.other", "ERROR")
			for _, one := range below {
				have(t, urls, one.name, one.level)
			}
		}
		c := acctest.NewCLI(t, declared(urls, append(slices.Clone(below), block{"root", "WARN"})...))
		c.Apply()
		check(block{"root", "WARN"}, below)
		c.MustBeEmpty()
		for _, level := range []string{"DEBUG", "INFO", "DEBUG", "TRACE"} { // the level of those below among them
			c.Configure(declared(urls, append(slices.Clone(below), block{"root", level})...))
			c.Apply()
			check(block{"root", level}, below)
			c.MustBeEmpty()
		}
		c.Configure(declared(urls, append(slices.Clone(below), block{"com.example", "DEBUG"})...)) // instead of root
		c.Apply()
		check(block{"com.example", "DEBUG"}, listed)
		have(t, urls, "root", "INFO")
		c.Apply()
		check(block{"com.example", "DEBUG"}, below)
		c.MustBeEmpty()
		c.Configure(declared(urls, below...))
		c.Apply()
		check(block{"root", "INFO"}, below)
		c.MustBeEmpty()
		c.Configure(declared(urls, append(slices.Clone(below), block{"root", "WARN"})...))
		c.Apply()
		check(block{"root", "WARN"}, listed)
		c.Must("destroy", "-auto-approve", "-no-color")
		check(block{"root", "INFO"}, []block{{"com.example.L0", "INFO"}, {"com.example.L1", "INFO"}, {"com.example.L11", "INFO"}})
	})
}

// A destroy restores a level that the logger had of its own.
func TestAccLogger_restoresOwnLevel(t *testing.T) {
	t.Parallel()
	w, name := acctest.SharedWorker(t), "own."+acctest.UniqueName("logger")
	w.Do(http.MethodPut, "/admin/loggers/"+name, map[string]string{"level": "ERROR"})
	c := acctest.NewCLI(t, declared([]string{w.Direct}, block{name, "DEBUG"}))
	c.Apply()
	have(t, []string{w.Direct}, name, "DEBUG")
	acctest.SaidBy(t, c.Must("state", "show", "-no-color", address), `original_level = "ERROR"`)
	c.Must("destroy", "-auto-approve", "-no-color")
	have(t, []string{w.Direct}, name, "ERROR")
}

func TestAccLogger_importByIdentity(t *testing.T) {
	t.Parallel()
	w, name := acctest.SharedWorker(t), "identity."+acctest.UniqueName("logger")
	config := fmt.Sprintf("provider \"kafkaconnect\" {\n  clusters = { emea = { connect = { urls = [%q] } } }\n}\n"+
		"resource \"kafkaconnect_logger\" \"test\" {\n  cluster = \"emea\"\n  name = %q\n  level = \"DEBUG\"\n}\n", w.Direct, name)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		Steps: []resource.TestStep{
			{
				Config: config,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectIdentity(address, map[string]knownvalue.Check{"name": knownvalue.StringExact(name), "cluster": knownvalue.StringExact("emea")}),
				},
			},
			{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
		},
	})
}

func TestAccLogger_cluster(t *testing.T) {
	t.Parallel()
	w, name := acctest.SharedWorker(t), "cluster."+acctest.UniqueName("logger")
	config := fmt.Sprintf("provider \"kafkaconnect\" {\n  clusters = { emea = { connect = { urls = [%q] } } }\n}\n", w.Direct) +
		"resource \"kafkaconnect_logger\" \"test\" {\n  cluster = %q\n  name = \"" + name + "\"\n  level = \"DEBUG\"\n}\n"
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		Steps: []resource.TestStep{
			{
				Config: fmt.Sprintf(config, "emea"),
				Check:  func(*terraform.State) error { have(t, []string{w.Direct}, name, "DEBUG"); return nil },
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("emea/"+name)),
				},
			},
			{ResourceName: address, ImportState: true, ImportStateId: "emea/" + name, ImportStateVerify: true},
			{ResourceName: address, ImportState: true, ImportStateId: "apac/" + name, ExpectError: regexp.MustCompile(`Unknown cluster "apac"`)},
			{Config: fmt.Sprintf(config, "apac"), ExpectError: regexp.MustCompile(`Unknown cluster "apac"`)},
		},
	})
}

// Workers with a separate admin listener serve loggers only there, and workers without one serve none.
func TestAccLogger_adminListener(t *testing.T) {
	onEach(t, func(t *testing.T, s *stack.Stack) {
		add := func(listener string) string {
			w, err := s.AddWorker(t.Context(), stack.WorkerOptions{Properties: map[string]string{"admin.listeners": listener}})
			if err != nil {
				t.Fatal(err)
			}
			return w.URL
		}
		port, err := s.FreePort()
		if err != nil {
			t.Fatal(err)
		}
		admin, name := fmt.Sprintf("http://127.0.0.1:%d", port), "com.example.Admin"
		separate, none := add(admin), add("")
		const advice = "set connect.admin_urls of the provider"
		c := acctest.NewCLI(t, declared([]string{separate}, block{name, "DEBUG"}))
		c.MustFail([]string{"Unable to plan logger", "No loggers at this address", separate + "/admin/loggers", advice}, plan...)
		c.Configure(declared([]string{none}, block{name, "DEBUG"}))
		c.MustFail([]string{"Unable to plan logger", "No loggers at this address", none + "/admin/loggers", "If admin.listeners of the workers is empty"}, apply...)

		c.Configure(settings("urls = "+list([]string{separate})+"\n    admin_urls = "+list([]string{admin})) + loggers(block{name, "DEBUG"}))
		c.Apply()
		have(t, []string{admin}, name, "DEBUG")
		c.MustBeEmpty()
		c.Must("destroy", "-auto-approve", "-no-color")
		have(t, []string{admin}, name, "INFO")
	})
}
