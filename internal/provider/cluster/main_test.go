package cluster_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

func TestMain(m *testing.M) { os.Exit(acctest.Main(m)) }

const clusterAddress = "data.kafkaconnect_cluster.test"

// withCluster returns a configuration of the provider with these URLs, and of the data source "test" with these lines.
func withCluster(urls []string, lines ...string) string {
	return fmt.Sprintf("provider \"kafkaconnect\" {\n  connect = { urls = [\"%s\"] }\n}\n", strings.Join(urls, `", "`)) + dataSource(lines...)
}

func dataSource(lines ...string) string {
	return fmt.Sprintf("data \"kafkaconnect_cluster\" \"test\" {\n  %s\n}\n", strings.Join(lines, "\n  "))
}
