package provider_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider"
)

// A plan of 1000 connectors sends three requests: the first connector is read with two requests of its own, and one listing
// answers all other reads. Validating and planning them sends no request. If a read takes more than a second, as on a busy
// machine, the run also asks once whether a worker answers. The test makes these calls as Terraform does, ten at a time.
func TestPlanOf1000ConnectorsSendsThreeRequests(t *testing.T) {
	worker := seeded(t, 1000)
	planAll(t, newPlanner(t, map[string]*connectfake.Worker{"": worker}), 1000, "")
	sentThreeRequests(t, worker)
}

// A plan of several clusters sends three requests to each.
func TestPlanOf30ClustersSendsThreeRequestsToEach(t *testing.T) {
	const connectors = 50
	workers := map[string]*connectfake.Worker{}
	for i := range 30 {
		workers[fmt.Sprintf("region-%d", i)] = seeded(t, connectors)
	}
	planAll(t, newPlanner(t, workers), connectors, slices.Collect(maps.Keys(workers))...)
	for _, worker := range workers {
		sentThreeRequests(t, worker)
	}
}

// seeded returns a worker with connectors.
func seeded(t *testing.T, connectors int) *connectfake.Worker {
	t.Helper()
	worker := connectfake.New(t)
	for i := range connectors {
		worker.Seed(connectorName(i), "RUNNING", connectorConfig(i))
	}
	return worker
}

// planAll plans connectors in each of the clusters, ten at a time.
func planAll(t *testing.T, p *planner, connectors int, clusters ...string) {
	t.Helper()
	type object struct {
		cluster string
		i       int
	}
	objects := make(chan object)
	var planners sync.WaitGroup
	for range 10 {
		planners.Go(func() {
			for o := range objects {
				if err := p.plan(t.Context(), o.cluster, o.i); err != nil {
					t.Errorf("connector %d in cluster %q: %v", o.i, o.cluster, err)
				}
			}
		})
	}
	for i := range connectors {
		for _, cluster := range clusters {
			objects <- object{cluster, i}
		}
	}
	close(objects)
	planners.Wait()
}

func sentThreeRequests(t *testing.T, worker *connectfake.Worker) {
	t.Helper()
	own, status := worker.Count("GET", "/connectors/*"), worker.Count("GET", "/connectors/*/status")
	listings, doubts, all := worker.Count("GET", "/connectors"), worker.Count("GET", "/"), worker.Count("", "")
	if own != 1 || status != 1 || listings != 1 || doubts > 1 || all-doubts != 3 {
		t.Errorf("the plan sent %d requests: %v", all, worker.Requests()[:min(all, 20)])
	}
}

// Data sources of the plan share its listing. In addition, one request for each class asks which keys are passwords. The
// connectors of the test have two classes.
func TestPlanOf1000ConnectorsAnd20DataSourcesSendsAtMostSixRequests(t *testing.T) {
	worker := seeded(t, 1000)
	p := newPlanner(t, map[string]*connectfake.Worker{"": worker})
	var reads sync.WaitGroup
	for i := range 10 {
		sink := fmt.Sprintf("sink-%d", i)
		worker.Seed(sink, "RUNNING", map[string]string{"connector.class": connectfake.FileSink, "tasks.max": "2", "topics": "orders"})
		for _, name := range []string{sink, connectorName(i)} {
			reads.Go(func() {
				if err := p.read(t.Context(), name); err != nil {
					t.Error(err)
				}
			})
		}
	}
	planAll(t, p, 1000, "")
	reads.Wait()
	listings, definitions := worker.Count("GET", "/connectors"), worker.Count("GET", "/connector-plugins/*/config")
	if all := worker.Count("", ""); all > 6 || listings != 1 || definitions != 2 {
		t.Errorf("the plan sent %d requests: %v", all, worker.Requests()[:min(all, 20)])
	}
}

// read reads the data source of a connector as a plan does.
func (p *planner) read(ctx context.Context, name string) error {
	config, err := value(p.dataSource, map[string]tftypes.Value{"name": tftypes.NewValue(tftypes.String, name)})
	if err != nil {
		return err
	}
	read, err := p.server.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: "kafkaconnect_connector", Config: config})
	if err != nil {
		return err
	}
	if len(read.Diagnostics) > 0 {
		return fmt.Errorf("%s: %s", read.Diagnostics[0].Summary, read.Diagnostics[0].Detail)
	}
	state, err := read.State.Unmarshal(p.dataSource)
	if err != nil {
		return err
	}
	var attributes map[string]tftypes.Value
	if err := state.As(&attributes); err != nil {
		return err
	}
	if got := attributes["healthy"]; !got.Equal(tftypes.NewValue(tftypes.Bool, true)) {
		return fmt.Errorf("%s: healthy is %s", name, got)
	}
	return nil
}

func connectorName(i int) string { return fmt.Sprintf("orders-%d", i) }

func connectorConfig(i int) map[string]string {
	return map[string]string{
		"connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
		"tasks.max":       "1", "file": "/data/" + strconv.Itoa(i), "topic": connectorName(i),
	}
}

// planner makes the calls of a plan with a refresh to a configured provider.
type planner struct {
	server     tfprotov6.ProviderServer
	object     tftypes.Object // type of the connectors
	dataSource tftypes.Object // type of the data source of one connector
}

// newPlanner configures a provider for the workers of the named clusters. An empty name stands for the default cluster.
func newPlanner(t *testing.T, workers map[string]*connectfake.Worker) *planner {
	t.Helper()
	server := provider.NewServer("test")()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	object := func(schema *tfprotov6.Schema) tftypes.Object {
		return schema.ValueType().(tftypes.Object)
	}
	settings := object(schemas.Provider)
	connect := settings.AttributeTypes["connect"].(tftypes.Object)
	clusters := settings.AttributeTypes["clusters"].(tftypes.Map)
	given, named := map[string]tftypes.Value{}, map[string]tftypes.Value{}
	for cluster, worker := range workers {
		urls := tftypes.NewValue(connect.AttributeTypes["urls"], []tftypes.Value{tftypes.NewValue(tftypes.String, worker.URL())})
		entry := map[string]tftypes.Value{"connect": newValue(connect, map[string]tftypes.Value{"urls": urls})}
		if cluster == "" {
			given = entry
		} else {
			named[cluster] = newValue(clusters.ElementType.(tftypes.Object), entry)
		}
	}
	given["clusters"] = tftypes.NewValue(clusters, named)
	config, err := value(settings, given)
	if err != nil {
		t.Fatal(err)
	}
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: config})
	if err != nil || len(configured.Diagnostics) > 0 {
		t.Fatal(err, configured)
	}
	const kind = "kafkaconnect_connector"
	return &planner{server, object(schemas.ResourceSchemas[kind]), object(schemas.DataSourceSchemas[kind])}
}

// newValue returns an object. Attributes that are not given are null.
func newValue(object tftypes.Object, given map[string]tftypes.Value) tftypes.Value {
	all := maps.Clone(given)
	for name, attribute := range object.AttributeTypes {
		if _, ok := all[name]; !ok {
			all[name] = tftypes.NewValue(attribute, nil)
		}
	}
	return tftypes.NewValue(object, all)
}

// value is newValue, encoded.
func value(object tftypes.Object, given map[string]tftypes.Value) (*tfprotov6.DynamicValue, error) {
	encoded, err := tfprotov6.NewDynamicValue(object, newValue(object, given))
	return &encoded, err
}

// plan makes the calls for one connector, whose state and configuration are what the worker has.
func (p *planner) plan(ctx context.Context, cluster string, i int) error {
	config := map[string]tftypes.Value{}
	for key, text := range connectorConfig(i) {
		config[key] = tftypes.NewValue(tftypes.String, text)
	}
	name := tftypes.NewValue(tftypes.String, connectorName(i))
	declared := map[string]tftypes.Value{"name": name, "config": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, config)}
	id := name
	if cluster != "" {
		declared["cluster"] = tftypes.NewValue(tftypes.String, cluster)
		id = tftypes.NewValue(tftypes.String, cluster+"/"+connectorName(i))
	}
	stored := maps.Clone(declared)
	maps.Copy(stored, map[string]tftypes.Value{
		"id": id, "type": tftypes.NewValue(tftypes.String, "source"), "state": tftypes.NewValue(tftypes.String, "RUNNING"),
		"on_failure": tftypes.NewValue(tftypes.String, "restart"), "on_update_failure": tftypes.NewValue(tftypes.String, "keep"), "validate": tftypes.NewValue(tftypes.Bool, true),
		"reset_offsets_on_destroy": tftypes.NewValue(tftypes.Bool, false), "deletion_protection": tftypes.NewValue(tftypes.Bool, false),
	})
	declaredValue, err := value(p.object, declared)
	if err != nil {
		return err
	}
	storedValue, err := value(p.object, stored)
	if err != nil {
		return err
	}
	const kind = "kafkaconnect_connector"
	private := []byte(`{"config_wo":"e30="}`) // {}
	read, err := p.server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: kind, CurrentState: storedValue, Private: private})
	if err != nil {
		return err
	}
	valid, err := p.server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{
		TypeName: kind, Config: declaredValue,
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	if err != nil {
		return err
	}
	planned, err := p.server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: kind, PriorState: read.NewState, ProposedNewState: read.NewState, Config: declaredValue,
		PriorPrivate: read.Private, PriorIdentity: read.NewIdentity,
	})
	if err != nil {
		return err
	}
	if found := slices.Concat(read.Diagnostics, valid.Diagnostics, planned.Diagnostics); len(found) > 0 {
		return fmt.Errorf("%s: %s", found[0].Summary, found[0].Detail)
	}
	got, err := planned.PlannedState.Unmarshal(p.object)
	if err != nil {
		return err
	}
	if !got.Equal(newValue(p.object, stored)) {
		return fmt.Errorf("planned %v", got)
	}
	return nil
}
