package connector_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
	kafkaconnect "github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider"
)

// actionServer invokes actions as Terraform does, in any version of Terraform.
type actionServer struct {
	*testing.T
	tfprotov6.ActionServer
	server  tfprotov6.ProviderServer
	schemas map[string]*tfprotov6.ActionSchema
}

// newActionServer configures a provider for the fake worker, and for the cluster emea with another one.
func newActionServer(t *testing.T, w, emea *connectfake.Worker) *actionServer {
	t.Helper()
	server := kafkaconnect.NewServer("test")()
	schema, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	connect := func(w *connectfake.Worker) map[string]any { return map[string]any{"urls": []any{w.URL()}} }
	config := encodedFor(t, schema.Provider, map[string]any{"connect": connect(w), "clusters": map[string]any{"emea": map[string]any{"connect": connect(emea)}}})
	answer, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: config})
	if err != nil {
		t.Fatal(err)
	}
	if text, ok := toText(answer.Diagnostics); !ok {
		t.Fatal(text)
	}
	return &actionServer{t, server.(tfprotov6.ActionServer), server, schema.ActionSchemas}
}

// encodedFor returns a configuration of the schema as Terraform sends it: what is missing is null.
func encodedFor(t *testing.T, schema *tfprotov6.Schema, config map[string]any) *tfprotov6.DynamicValue {
	t.Helper()
	text, err := json.Marshal(completed(schema.ValueType(), config))
	if err != nil {
		t.Fatal(err)
	}
	return &tfprotov6.DynamicValue{JSON: text}
}

func completed(kind tftypes.Type, value any) any {
	switch kind := kind.(type) {
	case tftypes.Object:
		if given, ok := value.(map[string]any); ok {
			all := map[string]any{}
			for name, attribute := range kind.AttributeTypes {
				all[name] = completed(attribute, given[name])
			}
			return all
		}
	case tftypes.Map:
		if given, ok := value.(map[string]any); ok {
			for key := range given {
				given[key] = completed(kind.ElementType, given[key])
			}
		}
	case tftypes.List:
		if given, ok := value.([]any); ok {
			all := []any{}
			for _, element := range given {
				all = append(all, completed(kind.ElementType, element))
			}
			return all
		}
	}
	return value
}

// encoded returns the configuration of an action.
func (s *actionServer) encoded(kind string, config map[string]any) *tfprotov6.DynamicValue {
	s.Helper()
	return encodedFor(s.T, s.schemas["kafkaconnect_"+kind].Schema, config)
}

// invoke invokes the action. It returns the progress and the diagnostics as text, and whether there was no error.
func (s *actionServer) invoke(kind string, config map[string]any) (text string, ok bool) {
	s.Helper()
	stream, err := s.InvokeAction(s.Context(), &tfprotov6.InvokeActionRequest{ActionType: "kafkaconnect_" + kind, Config: s.encoded(kind, config)})
	if err != nil {
		s.Fatal(err)
	}
	var said []string
	for event := range stream.Events {
		switch event := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			said = append(said, event.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			var diags string
			diags, ok = toText(event.Diagnostics)
			said = append(said, diags)
		}
	}
	return strings.Join(said, "\n"), ok
}

// toText returns the diagnostics as text, and whether none is an error.
func toText(diags []*tfprotov6.Diagnostic) (string, bool) {
	var said []string
	ok := true
	for _, d := range diags {
		ok = ok && d.Severity != tfprotov6.DiagnosticSeverityError
		said = append(said, d.Attribute.String()+": "+d.Summary+": "+d.Detail)
	}
	return strings.Join(said, "\n"), ok
}

// succeeds invokes the action, which must succeed and say the texts.
func (s *actionServer) succeeds(kind string, config map[string]any, says ...string) {
	s.Helper()
	text, ok := s.invoke(kind, config)
	s.said(text, ok, true, says)
}

// fails invokes the action, which must fail and say the texts.
func (s *actionServer) fails(kind string, config map[string]any, says ...string) string {
	s.Helper()
	text, ok := s.invoke(kind, config)
	return s.said(text, ok, false, says)
}

func (s *actionServer) said(text string, ok, want bool, says []string) string {
	s.Helper()
	if ok != want {
		s.Errorf("the action succeeded: %v, want %v:\n%s", ok, want, text)
	}
	for _, say := range says {
		if !strings.Contains(text, say) {
			s.Errorf("the action did not say %q:\n%s", say, text)
		}
	}
	return text
}

const ordersFile = `{"filename":"f"}`

// fakeOrders is a worker with the file source orders, which is in the state and has the offset 19.
func fakeOrders(t *testing.T, state string, options ...connectfake.Option) (*connectfake.Worker, *actionServer) {
	t.Helper()
	w := connectfake.New(t, options...)
	w.Seed("orders", state, map[string]string{
		"connector.class": connectfake.FileSource, "topic": "t", "file": "f", "tasks.max": "1", "producer.override.sasl.password": "hunter2-hunter2",
	})
	w.SetOffset("orders", ordersFile, `{"position":19}`)
	return w, newActionServer(t, w, connectfake.New(t))
}

// orders returns the configuration of an action on orders, with further attributes.
func orders(further map[string]any) map[string]any {
	config := map[string]any{"name": "orders"}
	maps.Copy(config, further)
	return config
}

// to8 sets the offset 8.
var to8 = map[string]any{"offsets": []any{map[string]any{"partition": ordersFile, "offset": `{"position":8}`}}}

// within adds a time-out.
func within(timeout string, further map[string]any) map[string]any {
	config := orders(further)
	config["timeouts"] = map[string]any{"invoke": timeout}
	return config
}

// ordersIs checks the target state and the offsets of orders.
func ordersIs(t *testing.T, w *connectfake.Worker, state string, offsets ...string) {
	t.Helper()
	if _, target, _ := w.Connector("orders"); target != state {
		t.Errorf("the connector was asked to be %s, want %s", target, state)
	}
	if got := w.Offsets("orders"); !slices.Equal(got, offsets) {
		t.Errorf("the connector has offsets %q, want %q", got, offsets)
	}
}

const (
	at8  = ordersFile + ` {"position":8}`
	at19 = ordersFile + ` {"position":19}`
)

// Each request of an action may fail once, or lose its answer.
func TestOffsetActions_faultsAreRetried(t *testing.T) {
	t.Parallel()
	const offsets = "/connectors/orders/offsets"
	for name, fault := range map[string]struct {
		method, path string
		effect       connectfake.Effect
	}{
		"the answer to the stop is lost":   {"PUT", "/connectors/orders/stop", connectfake.Lost(connectfake.Reset())},
		"the answer to the change is lost": {"PATCH", offsets, connectfake.Lost(connectfake.Reset())},
		"the change is not executed":       {"PATCH", offsets, connectfake.Fails(500, "Request timed out")},
		"the group rebalances":             {"PATCH", offsets, connectfake.Rebalancing()},
		"the consumer group has members": {"PATCH", offsets, connectfake.Fails(500, "Failed to alter consumer group offsets for connector orders either because its tasks haven't stopped completely yet "+
			"or the connector was resumed before the request to alter its offsets could be successfully completed. If the connector is in a stopped state, this operation can be safely retried. If it doesn't …")},
		"the change shows late":          {"GET", offsets, connectfake.Answer(200, "application/json", `{"offsets":[{"partition":{"filename":"f"},"offset":null}]}`)},
		"the answer to resuming is lost": {"PUT", "/connectors/orders/resume", connectfake.Lost(connectfake.Reset())},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, s := fakeOrders(t, "RUNNING")
			times := 1
			if fault.method == http.MethodGet {
				times = 2 // the action reads the offsets before the change, too
			}
			w.Inject(fault.method, fault.path, times, fault.effect)
			s.succeeds("alter_offsets", orders(to8), "Stopping connector \"orders\", which is RUNNING.", "The offsets are in effect.", "With the new offsets: connector RUNNING, task 0 RUNNING.")
			ordersIs(t, w, "RUNNING", at8)
			if n := w.Count(fault.method, fault.path); n <= times {
				t.Errorf("the worker received %d requests: the test proves nothing", n)
			}
		})
	}
}

// silent gives no answer until the client gives up, which the server notices once the body is read.
func silent(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// The state is restored whatever fails, and the error says whether it was.
func TestOffsetActions_stateIsRestored(t *testing.T) {
	t.Parallel()
	endless := func(w *connectfake.Worker) connectfake.Effect { // the tasks of a connector that is STOPPED do not end
		return func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
			if _, target, _ := w.Connector("orders"); target == "STOPPED" {
				connectfake.Answer(200, "application/json", `{"name":"orders","type":"source","connector":{"state":"STOPPED","worker_id":"w"},"tasks":[{"id":0,"state":"RUNNING","worker_id":"w"}]}`)(rw, r, next)
				return
			}
			next.ServeHTTP(rw, r)
		}
	}
	const restored, lost = "the connector was set to RUNNING again, as before", "the connector could not be set to RUNNING again and may be STOPPED"
	for name, row := range map[string]struct {
		inject func(w *connectfake.Worker)
		says   []string
		state  string
		offset string
	}{
		"the tasks do not end": {
			func(w *connectfake.Worker) {
				w.Inject("GET", "/connectors/orders/status", connectfake.Always, endless(w))
			},
			[]string{"AttributeName(\"timeouts\")", "did not become STOPPED (last status: connector STOPPED, task 0 RUNNING)", restored, "raise timeouts.invoke"}, "RUNNING", at19,
		},
		"no answer to the change in time": {
			func(w *connectfake.Worker) { w.Inject("PATCH", "", connectfake.Always, silent) },
			[]string{"the worker may have executed the request", restored}, "RUNNING", at19,
		},
		"the change is not in effect": {
			func(w *connectfake.Worker) {
				w.Inject("GET", "/connectors/orders/offsets", connectfake.Always, connectfake.Answer(200, "application/json", `{"offsets":[{"partition":{"filename":"f"},"offset":{"position":7}}]}`))
			},
			[]string{`it was not found to be in effect: the worker reports the offset {"position":7} of {"filename":"f"}, not {"position":8}`, restored}, "RUNNING", at8,
		},
		"the change is rejected, and resuming fails": {
			func(w *connectfake.Worker) {
				w.Inject("PATCH", "", 1, connectfake.Fails(500, "the connector rejects it"))
				w.Inject("PUT", "/connectors/orders/resume", connectfake.Always, connectfake.Fails(403, "no"))
			},
			[]string{"the connector rejects it", lost, "(403)"}, "STOPPED", at19,
		},
		"resuming fails": {
			func(w *connectfake.Worker) {
				w.Inject("PUT", "/connectors/orders/resume", connectfake.Always, connectfake.Fails(403, "no"))
			},
			[]string{"were changed, but the connector is still STOPPED", "(403)"}, "STOPPED", at8,
		},
		"the stop is refused": {
			func(w *connectfake.Worker) {
				w.Inject("PUT", "/connectors/orders/stop", connectfake.Always, connectfake.Fails(403, "no"))
			},
			[]string{"(403)", "the connector was not stopped"}, "RUNNING", at19,
		},
		"a lost stop": {
			func(w *connectfake.Worker) {
				w.Inject("PUT", "/connectors/orders/stop", connectfake.Always, connectfake.Lost(connectfake.Reset()))
			},
			[]string{"the worker may have executed the request", restored}, "RUNNING", at19,
		},
		"the connector does not start": {
			func(w *connectfake.Worker) {
				w.Inject("PATCH", "", 1, connectfake.Afterwards(func() {
					w.Break("orders", "X: cannot log in with hunter2-hunter2\nCaused by: Y: wrong hunter2-hunter2")
				}))
			},
			[]string{"were changed, but the connector did not become RUNNING again", "cannot log in with (hidden)", "Fix the cause"}, "RUNNING", at8,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, s := fakeOrders(t, "RUNNING")
			row.inject(w)
			text := s.fails("alter_offsets", within("5s", to8), row.says...)
			if strings.Contains(text, "hunter2") {
				t.Errorf("a secret is shown:\n%s", text)
			}
			ordersIs(t, w, row.state, row.offset)
		})
	}
}

// A partition with a typing error is a partition that the connector does not read.
func TestOffsetActions_newPartitions(t *testing.T) {
	t.Parallel()
	w, s := fakeOrders(t, "STOPPED")
	entry := func(name string, value any) map[string]any {
		one := map[string]any{"partition": `{"filename":"` + name + `"}`}
		if one["offset"] = value; value == nil {
			one["reset"] = true
		}
		return orders(map[string]any{"offsets": []any{one}})
	}
	s.succeeds("alter_offsets", entry("g", nil), `Connector "orders" had no offset to delete of {"filename":"g"}: The connector has offsets of `+ordersFile+`. Correct the partition`)
	s.succeeds("alter_offsets", entry("g", `{"position":8}`), `Connector "orders" had no offset of {"filename":"g"}: The connector has offsets of `+ordersFile+`. The offset was added.`)
	for _, known := range []map[string]any{orders(to8), entry("f", nil), entry("g", nil), entry("f", `{"position":8}`)} {
		if text, ok := s.invoke("alter_offsets", known); !ok || strings.Contains(text, "had no offset") {
			t.Errorf("the action fails, or warns of a partition that has an offset, or of a first one:\n%s", text)
		}
	}
	ordersIs(t, w, "STOPPED", at8)
	w.Inject("GET", "/connectors/orders/offsets", connectfake.Always, connectfake.Fails(403, "no"))
	s.fails("alter_offsets", orders(to8), "Unable to read the offsets", "the connector was not stopped")
}

// While no worker runs the connector, its status does not show the state to restore. The action waits, and changes nothing if it
// cannot find out.
func TestOffsetActions_unassigned(t *testing.T) {
	t.Parallel()
	unassigned := connectfake.Answer(200, "application/json", `{"name":"orders","type":"source","connector":{"state":"UNASSIGNED","worker_id":"w"},"tasks":[]}`)
	for name, effect := range map[string]connectfake.Effect{
		"its worker has left": unassigned,
		"it restarts":         connectfake.Answer(200, "application/json", `{"name":"orders","type":"source","connector":{"state":"RESTARTING","worker_id":"w"},"tasks":[]}`),
		"it has no status":    connectfake.Fails(404, "No status found for connector orders"),
	} {
		for _, state := range []string{"STOPPED", "PAUSED"} {
			t.Run(name+", "+state, func(t *testing.T) {
				t.Parallel()
				w, s := fakeOrders(t, state)
				w.Inject("GET", "/connectors/orders/status", 2, effect)
				s.succeeds("alter_offsets", orders(to8), "Waiting until a worker runs connector \"orders\"")
				ordersIs(t, w, state, at8)
			})
		}
	}
	w, s := fakeOrders(t, "STOPPED")
	w.Inject("GET", "/connectors/orders/status", connectfake.Always, unassigned)
	s.fails("alter_offsets", within("1s", to8), `No worker runs connector "orders" (last status: connector UNASSIGNED, no tasks)`, "the connector was not stopped")
	ordersIs(t, w, "STOPPED", at19)
	if reads, all := w.Count(http.MethodGet, ""), w.Count("", ""); reads != all {
		t.Errorf("the worker was sent %d writes", all-reads)
	}
}

// An interrupt restores the state, and the action ends before the provider does.
func TestOffsetActions_interrupted(t *testing.T) {
	t.Parallel()
	w, s := fakeOrders(t, "PAUSED")
	sent := make(chan struct{})
	w.Inject("DELETE", "", 1, func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		close(sent)
		silent(rw, r, next)
	})
	type result struct {
		text string
		ok   bool
	}
	ended := make(chan result, 1)
	go func() {
		text, ok := s.invoke("reset_offsets", orders(nil))
		ended <- result{text, ok}
	}()
	<-sent
	if _, err := s.server.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-ended:
		s.said(got.text, got.ok, false, []string{"interrupted", "the connector was set to PAUSED again, as before"})
	default:
		t.Error("the provider stopped before the action had ended")
	}
	ordersIs(t, w, "PAUSED", at19)
}

// The events of an action end when the action has ended, also if nobody receives them.
func TestOffsetActions_withoutReceiver(t *testing.T) {
	t.Parallel()
	w, s := fakeOrders(t, "RUNNING")
	stream, err := s.InvokeAction(t.Context(), &tfprotov6.InvokeActionRequest{ActionType: "kafkaconnect_reset_offsets", Config: s.encoded("reset_offsets", orders(nil))})
	if err != nil {
		t.Fatal(err)
	}
	for range stream.Events {
		break
	}
	ordersIs(t, w, "RUNNING")
}

func TestActions_tooOldWorker(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"2.8.2", "3.5.2"} {
		w, s := fakeOrders(t, "RUNNING", connectfake.WithVersion(version))
		for kind, further := range map[string]map[string]any{"alter_offsets": to8, "reset_offsets": nil} {
			s.fails(kind, orders(further), "Changing a connector's offsets needs Kafka Connect 3.6 or later; the worker runs "+version, "the connector was not stopped")
		}
		if reads, all := w.Count(http.MethodGet, ""), w.Count("", ""); reads != all {
			t.Errorf("%s: the worker was sent %d writes", version, all-reads)
		}
		w.FailTask("orders", 0, "X: failed")
		s.succeeds("restart_connector", orders(map[string]any{"only_failed": true}), "X: failed", "connector RUNNING, task 0 RUNNING")
	}
}

func TestActions_restart(t *testing.T) {
	t.Parallel()
	w, s := fakeOrders(t, "RUNNING")
	s.succeeds("restart_connector", orders(map[string]any{"only_failed": true}), "No restart is needed: nothing of connector \"orders\" is FAILED.")
	s.fails("restart_connector", orders(map[string]any{"cluster": "emea"}), "Connector \"orders\" does not exist")
	s.fails("restart_connector", orders(map[string]any{"cluster": "apac"}), "AttributeName(\"cluster\")", "Unknown cluster \"apac\"")
	s.fails("restart_connector", orders(map[string]any{"task": 3}), "AttributeName(\"task\")", "has no task 3", "these tasks: 0")
	s.fails("restart_connector", map[string]any{"name": "absent"}, "AttributeName(\"name\")", "Connector \"absent\" does not exist")
	w.BreakConnector("orders", "X: password hunter2-hunter2 is wrong")
	text := s.fails("restart_connector", orders(map[string]any{"only_failed": true}), "Restarting what is FAILED", "did not start after the restart", "password (hidden) is wrong")
	if strings.Contains(text, "hunter2") {
		t.Errorf("a secret is shown:\n%s", text)
	}
	w.Repair("orders")
	w.Inject("POST", "/connectors/orders/restart", 1, connectfake.Lost(connectfake.Reset()))
	s.succeeds("restart_connector", orders(nil), "After the restart: connector RUNNING, task 0 RUNNING.")
	w.SetTarget("orders", "STOPPED")
	s.succeeds("restart_connector", orders(nil), "is STOPPED and was not restarted")
}

// Two actions on one connector do not overlap: the restart waits until the offsets are changed and the state is restored.
func TestActions_lockTheConnector(t *testing.T) {
	t.Parallel()
	w, s := fakeOrders(t, "RUNNING")
	stopped, release := make(chan struct{}), make(chan struct{})
	w.Inject("PATCH", "", 1, func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		close(stopped)
		connectfake.Held(release)(rw, r, next)
	})
	altered, restarted := make(chan bool, 1), make(chan bool, 1)
	go func() { _, ok := s.invoke("alter_offsets", orders(to8)); altered <- ok }()
	<-stopped
	go func() { _, ok := s.invoke("restart_connector", orders(nil)); restarted <- ok }()
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond) // enough for the restart to be sent, if it does not wait
	defer cancel()
	<-ctx.Done()
	close(release)
	if !<-altered || !<-restarted {
		t.Error("an action failed")
	}
	var order []string
	for _, r := range w.Requests() {
		if r.Method != http.MethodGet {
			order = append(order, r.Method+" "+strings.TrimPrefix(r.Path, "/connectors/orders/"))
		}
	}
	if want := []string{"PUT stop", "PATCH offsets", "PUT resume", "POST restart"}; !slices.Equal(order, want) {
		t.Errorf("the worker received %q, want %q", order, want)
	}
}

func TestActions_configErrors(t *testing.T) {
	t.Parallel()
	w, s := fakeOrders(t, "RUNNING")
	entry := func(more ...any) map[string]any { return map[string]any{"offsets": more} }
	for want, config := range map[string]map[string]any{
		"has neither offset nor reset = true": entry(map[string]any{"partition": ordersFile}),
		"has offset and reset = true":         entry(map[string]any{"partition": ordersFile, "offset": `{"position":8}`, "reset": true}),
		`Two entries have the partition`:      entry(map[string]any{"partition": `{"a":1,"b":2}`, "reset": true}, map[string]any{"partition": `{"b":2.0, "a":1}`, "reset": true}),
		`Found "null". Use a JSON object`:     entry(map[string]any{"partition": ordersFile, "offset": "null"}),
		"at least 1 elements":                 {"offsets": []any{}},
		`"soon" must be a string containing`:  {"offsets": to8["offsets"], "timeouts": map[string]any{"invoke": "soon"}},
	} {
		answer, err := s.ValidateActionConfig(t.Context(), &tfprotov6.ValidateActionConfigRequest{ActionType: "kafkaconnect_alter_offsets", Config: s.encoded("alter_offsets", orders(config))})
		if err != nil {
			t.Fatal(err)
		}
		text, ok := toText(answer.Diagnostics)
		s.said(text, ok, false, []string{want})
	}
	// What was unknown when the configuration was validated is checked before the connector is stopped.
	s.fails("alter_offsets", orders(entry(map[string]any{"partition": ordersFile, "offset": "null"})), `Found "null". Use a JSON object`)
	if n := w.Count("", ""); n > 0 {
		t.Errorf("the worker was sent %d requests", n)
	}
}

// An action that another resource triggers, and an update of its connector in the same apply, do not overlap.
func TestAccConnector_updateWaitsForAction(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	c := actionCLI(t)
	config := map[string]string{"connector.class": connectfake.FileSource, "topic": "t", "file": "f", "tasks.max": "1"}
	declare := func(revision string) {
		c.Configure(declared(w.URL(), "orders", acctest.With(config, "batch.size", revision)) + actionBlock("reset_offsets", "orders") +
			fmt.Sprintf("resource \"terraform_data\" \"other\" {\n  input = %q\n  %s\n}\n", revision, onEvent("after_update", "reset_offsets")))
	}
	declare("1")
	c.Apply()
	w.SetOffset("orders", ordersFile, `{"position":19}`)
	w.Forget()
	w.Inject("DELETE", "", 1, connectfake.Delayed(time.Second)) // in which the update is sent, if it does not wait
	declare("2")
	c.Apply()
	var order []string
	for _, r := range w.Requests() {
		if below := strings.TrimPrefix(r.Path, "/connectors/orders/"); r.Method != http.MethodGet && below != r.Path {
			order = append(order, r.Method+" "+below)
		}
	}
	action, update := []string{"PUT stop", "DELETE offsets", "PUT resume"}, []string{"PUT config"}
	if !slices.Equal(order, slices.Concat(action, update)) && !slices.Equal(order, slices.Concat(update, action)) {
		t.Errorf("the worker received %q", order)
	}
	ordersIs(t, w, "RUNNING")
	c.MustBeEmpty()
}
