using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.AspNetCore;

/// <summary>
/// Takes up releases that another workspace sends. One is received at a time, so that their memory is bounded. Thread-safe.
/// </summary>
internal sealed class ReceiveRoute(ModelServer server)
{
    private readonly BodyMemory _memory = new(4 * server.Options.ReleaseBytes);
    private int _receiving;

    public async Task HandleAsync(HttpContext context, RequestTime time)
    {
        if (MediaTypes.Of(context) != MediaTypes.Zip) throw Rejection.BadMedia($"Send a release as {MediaTypes.Zip}.");
        var model = server.ReceivableOf(context);
        if (Interlocked.Exchange(ref _receiving, 1) != 0) throw Rejection.Busy();
        try
        {
            using var body = await RequestBody.ReadAsync(
                context, server, time, server.Options.ReleaseBytes, _memory).ConfigureAwait(false);
            var received = await ReceiveAsync(body.Memory, model, time).ConfigureAwait(false);
            if (received.IsNew) Log(context, received);
            await ResponseBody.WriteAsync(
                context, StatusCodes.Status200OK, MediaTypes.Json, received, ReleaseFormat.Write).ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _receiving, 0);
        }
    }

    // What is wrong with a release is said to who sent it; what code of plug-ins says of it is in the log.
    private async Task<ReceivedRelease> ReceiveAsync(ReadOnlyMemory<byte> release, string model, RequestTime time)
    {
        try
        {
            return await server.Workspace.Receiver.ReceiveAsync(release, model, time.Token).ConfigureAwait(false);
        }
        catch (MlOpsException e)
            when (e is not (ConcurrencyException or NotAllowedException)
                && e.InnerException is null or MlOpsException or InvalidDataException or JsonException)
        {
            throw Rejection.OfMistake(e);
        }
    }

    private void Log(HttpContext context, ReceivedRelease received)
    {
        if (!server.Logger.IsEnabled(LogLevel.Information)) return;
        var actor = RequestActor.NameOf(context.User);
        var change = string.Create(
            CultureInfo.InvariantCulture, $"the release of version {received.Version} is live, signed by {received.KeyId}");
        HttpLog.Changed(server.Logger, actor, received.Model, change);
    }
}
