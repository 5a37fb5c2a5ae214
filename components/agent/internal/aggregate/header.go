package aggregate

import (
	"net/http"
	"net/textproto"
	"strings"
)

// What says how this request is sent and answered, not for whom: each part has its own.
var own = []string{
	planHeader, "Accept-Encoding", "Content-Encoding", "Content-Length", "Content-Type", "Expect", "Range",
	"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "Te", "Trailer",
	"Transfer-Encoding", "Upgrade",
}

// Prefixes of the same: conditions, and what Envoy tells its next hop.
var ownPrefixes = []string{"If-", "X-Envoy-"}

// passedOn is what services get of a caller's headers: its token, what the gateway says of it, the request's id, and the rest,
// as when the gateway sends the request to a service itself.
func passedOn(header http.Header) http.Header {
	out := header.Clone()
	for _, value := range header.Values("Connection") {
		for name := range strings.SplitSeq(value, ",") {
			out.Del(textproto.TrimString(name))
		}
	}
	for _, name := range own {
		out.Del(name)
	}
	for name := range out {
		for _, prefix := range ownPrefixes {
			if strings.HasPrefix(name, prefix) {
				out.Del(name)
			}
		}
	}
	out.Set("Accept", "application/json")
	return out
}
