package connector

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
)

func lateFailure(name, cause string) session.Late {
	task := 0
	failed := &connectclient.FailedError{Name: name, Failures: []connectclient.Failure{{Task: &task, WorkerID: "w:1", Cause: cause, Causes: []string{cause}}}}
	return session.Late{Name: name, Waited: session.Waited{Err: failed}}
}

// One error names every connector, and each cause once.
func TestLateDiagnostics(t *testing.T) {
	t.Parallel()
	found := []session.Late{lateFailure("b", "X: no such file"), lateFailure("a", "X: no such file"), lateFailure("c", "Y: denied")}
	found = append(found, session.Late{Name: "d", Waited: session.Waited{
		Err: &connectclient.WaitError{Name: "d", Want: connectclient.StateRunning, Err: errors.New("gone")},
	}})
	diags := lateDiagnostics(found, nil)
	if len(diags) != 1 || diags[0].Severity() != diag.SeverityError || diags[0].Summary() != "4 connectors failed after their operations were complete" {
		t.Fatalf("got %v", diags)
	}
	want := `
connectors "a", "b":
  - task 0 on worker w:1: X: no such file

connector "c":
  - task 0 on worker w:1: Y: denied

connector "d":
  - did not become RUNNING (no status was read): gone
`
	if !strings.Contains(diags[0].Detail(), want) {
		t.Errorf("got %s", diags[0].Detail())
	}
}

func TestLateDiagnostics_one(t *testing.T) {
	t.Parallel()
	if diags := lateDiagnostics([]session.Late{lateFailure("a", "X")}, nil); diags[0].Summary() != `Connector "a" failed after its operation was complete` {
		t.Errorf("got %v", diags)
	}
}

func TestLateDiagnostics_manyCauses(t *testing.T) {
	t.Parallel()
	var found []session.Late
	for i := range 100 {
		found = append(found, lateFailure(fmt.Sprintf("c%02d", i), fmt.Sprintf("X: no file %d", i)))
	}
	detail := lateDiagnostics(found, nil)[0].Detail()
	if n := strings.Count(detail, "X: no file"); n != 20 || !strings.Contains(detail, `connectors "c20", "c21"`) || !strings.Contains(detail, "and 70 more: for other reasons") {
		t.Errorf("got %d causes in %s", n, detail)
	}
}

// Terraform shows the diagnostics with another connector, whose attributes they do not concern.
func TestLateDiagnostics_noPath(t *testing.T) {
	t.Parallel()
	warning := diag.NewAttributeWarningDiagnostic(path.Root("state"), "no tasks", "")
	diags := lateDiagnostics([]session.Late{{Name: "a", Waited: session.Waited{Warnings: diag.Diagnostics{warning}}}}, []string{"c", "b"})
	if len(diags) != 2 || diags.HasError() || !strings.Contains(diags[1].Detail(), "b, c") {
		t.Fatalf("got %v", diags)
	}
	if _, hasPath := diags[0].(diag.DiagnosticWithPath); hasPath || diags[0].Summary() != "no tasks" {
		t.Errorf("got %v", diags[0])
	}
}
