using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace MlOps.Sdk.AspNetCore;

/// <summary>
/// Says whether the process runs, and whether it can answer: to anybody, and therefore without names. Thread-safe.
/// </summary>
internal sealed class HealthRoutes(ModelServer server)
{
    public Task LiveAsync(HttpContext context, RequestTime time) => WriteAsync(context, isHealthy: true, "{\"live\":true}");

    public Task ReadyAsync(HttpContext context, RequestTime time) =>
        server.IsReady ? WriteAsync(context, isHealthy: true, "{\"ready\":true}") : WriteAsync(
            context, isHealthy: false, "{\"ready\":false}");

    private static Task WriteAsync(HttpContext context, bool isHealthy, string body) => ResponseBody.WriteAsync(
        context,
        isHealthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable,
        MediaTypes.Json,
        body,
        static (to, text) => to.Write(Encoding.UTF8.GetBytes(text)));
}
