package internaltopic

// partitionOf is the partition that Kafka's producers, and so Connect's, put a key in.
func partitionOf(key string, partitions int) int32 {
	return int32(murmur2(key)&0x7fffffff) % int32(partitions) //nolint:gosec // fits: the sign bit is gone, and counts are small
}

// murmur2 is the hash of org.apache.kafka.common.utils.Utils.
func murmur2(key string) uint32 {
	const (
		seed uint32 = 0x9747b28c
		m    uint32 = 0x5bd1e995
		r           = 24
	)
	h := seed ^ uint32(len(key)) //nolint:gosec // as Java does
	for ; len(key) >= 4; key = key[4:] {
		k := uint32(key[0]) | uint32(key[1])<<8 | uint32(key[2])<<16 | uint32(key[3])<<24
		k *= m
		k ^= k >> r
		k *= m
		h = h*m ^ k
	}
	for i := len(key) - 1; i >= 0; i-- {
		h ^= uint32(key[i]) << (8 * i)
		if i == 0 {
			h *= m
		}
	}
	h ^= h >> 13
	h *= m
	return h ^ h>>15
}
