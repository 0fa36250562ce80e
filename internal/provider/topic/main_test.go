package topic_test

import (
	"os"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

func TestMain(m *testing.M) { os.Exit(acctest.Main(m)) }

// cluster adds the checks of this package to a Kafka cluster.
type cluster struct{ *acctest.Kafka }

// sharedCluster is the Kafka cluster that all acceptance tests share.
func sharedCluster(t *testing.T) *cluster { t.Helper(); return &cluster{acctest.SharedKafka(t)} }

func newCluster(t *testing.T, s *stack.Stack) *cluster {
	t.Helper()
	return &cluster{acctest.NewKafka(t, s)}
}
