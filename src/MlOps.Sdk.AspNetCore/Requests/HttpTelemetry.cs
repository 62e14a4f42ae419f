using System.Diagnostics.Metrics;
using MlOps.Sdk.Diagnostics;

namespace MlOps.Sdk.AspNetCore;

/// <summary>The metrics of serving over HTTP, under the name of the library.</summary>
internal static class HttpTelemetry
{
    private static readonly Meter Meter = new(Telemetry.Name);

    public static readonly Counter<long> Requests = Meter.CreateCounter<long>(
        "mlops.http.requests", "{request}", "Requests that ended, by kind of route and status.");

    public static readonly Counter<long> Rows = Meter.CreateCounter<long>(
        "mlops.http.rows", "{row}", "Rows that were predicted over HTTP, by kind of route.");

    public static readonly Counter<long> Rejected = Meter.CreateCounter<long>(
        "mlops.http.rejected", "{request}", "Requests that were not carried out, by cause.");
}
