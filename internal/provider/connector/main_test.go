package connector_test

import (
	"os"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

func TestMain(m *testing.M) { os.Exit(acctest.MainWith(m, crashing)) }

// worker adds the checks of this package to a worker.
type worker struct{ *acctest.Worker }

// sharedWorker is the worker that all acceptance tests share, behind a proxy of this test.
func sharedWorker(t *testing.T) *worker { t.Helper(); return &worker{acctest.SharedWorker(t)} }

// watch starts a proxy for the worker at the address.
func watch(t *testing.T, address string) *worker {
	t.Helper()
	return &worker{acctest.Watch(t, address)}
}
