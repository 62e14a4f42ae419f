using Microsoft.AspNetCore.Http;

namespace MlOps.Sdk.AspNetCore;

/// <summary>Says which models there are, and what each reads and answers. Thread-safe.</summary>
internal sealed class ModelRoutes(ModelServer server)
{
    public async Task ListAsync(HttpContext context, RequestTime time)
    {
        var mayRelease = await server.MayReleaseAsync(context).ConfigureAwait(false);
        await ResponseBody.WriteAsync(
            context,
            StatusCodes.Status200OK,
            MediaTypes.Json,
            (server.Slots, MayRelease: mayRelease),
            static (to, it) => ModelDescription.WriteList(to, it.Slots, it.MayRelease)).ConfigureAwait(false);
    }

    public async Task DescribeAsync(HttpContext context, RequestTime time)
    {
        var slot = server.SlotOf(context);
        var route = server.RouteOf(slot);
        var mayRelease = await server.MayReleaseAsync(context).ConfigureAwait(false);
        var key = mayRelease ? await FindKeyAsync(slot.Name, route.Main.Live.Version, time.Token).ConfigureAwait(false) : null;
        var description = new ModelDescription(slot, route, mayRelease) { KeyId = key };
        await ResponseBody.WriteAsync(
            context, StatusCodes.Status200OK, MediaTypes.Json, description, static (to, it) => it.Write(to)).ConfigureAwait(false);
    }

    public async Task OpenApiAsync(HttpContext context, RequestTime time)
    {
        var (slot, options) = (server.SlotOf(context), server.Options);
        var mayRelease = await server.MayReleaseAsync(context).ConfigureAwait(false);
        var callers = new OpenApiCallers(
            await OpenApiSecurity.OfAsync(context, options.PredictPolicy, options.AllowAnonymousPredictions).ConfigureAwait(false),
            await OpenApiSecurity.OfAsync(context, options.LabelPolicy, options.AllowAnonymousLabels).ConfigureAwait(false),
            await OpenApiSecurity.OfAsync(context, options.AdminPolicy, isAnonymous: !mayRelease).ConfigureAwait(false),
            mayRelease);
        var document = new OpenApiDocument(slot.Name, PathOf(context, "/openapi.json"), server.RouteOf(slot), options, callers);
        await ResponseBody.WriteAsync(
            context, StatusCodes.Status200OK, MediaTypes.Json, document, static (to, it) => it.Write(to)).ConfigureAwait(false);
    }

    // What is served is described, also where the store cannot be read.
    private async Task<string?> FindKeyAsync(string model, int version, CancellationToken cancellationToken)
    {
        try
        {
            return await server.Workspace.Receiver.FindKeyAsync(model, version, cancellationToken).ConfigureAwait(false);
        }
        catch (MlOpsException)
        {
            return null;
        }
    }

    private static string PathOf(HttpContext context, string without)
    {
        var path = (context.Request.PathBase + context.Request.Path).ToUriComponent();
        return path.EndsWith(without, StringComparison.OrdinalIgnoreCase) ? path[..^without.Length] : path;
    }
}
