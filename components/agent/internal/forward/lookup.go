package forward

import (
	"fmt"
	"net/http"

	"flotilla.dev/agent/internal/registry"
	"flotilla.dev/agent/internal/web"
)

// lookup answers who serves what, for programs that want addresses instead of a forwarded call.
func lookup(known *directory) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ready", web.Ready(known.ready))
	mux.HandleFunc("GET /v1/services", func(response http.ResponseWriter, _ *http.Request) {
		web.JSON(response, http.StatusOK, map[string][]string{"services": known.services()})
	})
	mux.HandleFunc("GET /v1/services/{name}", func(response http.ResponseWriter, request *http.Request) {
		name := request.PathValue("name")
		instances, found := known.instances(name)
		if !found {
			web.JSON(response, http.StatusNotFound, web.Failure{
				Error:     "unknown_service",
				Message:   fmt.Sprintf("This forwarder has no route to %q. Add it to the services that this one calls.", name),
				RequestID: request.Header.Get("X-Request-Id"),
			})
			return
		}
		web.JSON(response, http.StatusOK, struct {
			Service   string              `json:"service"`
			Instances []registry.Instance `json:"instances"`
		}{name, instances})
	})
	return mux
}
