using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace MlOps.Sdk.AspNetCore;

/// <summary>Maps routes with who may call them: nobody without a name, unless the options say so. Not thread-safe.</summary>
internal sealed class RouteMap
{
    private readonly RejectionFormat _format;

    private RouteMap(ModelServer server, RouteGroupBuilder group, RejectionFormat format) =>
        (Server, Group, _format) = (server, group, format);

    public ModelServer Server { get; }

    public RouteGroupBuilder Group { get; }

    private ModelServingOptions Options => Server.Options;

    /// <exception cref="InvalidOperationException">Services that the routes need are missing.</exception>
    public static RouteMap Begin(IEndpointRouteBuilder endpoints, string prefix, RejectionFormat format, string method)
    {
        var services = endpoints.ServiceProvider;
        var server = services.GetService<ModelServer>()
            ?? throw new InvalidOperationException(
                $"{method} needs services that are missing. Call services.AddMlOps(…).AddModelServing() first.");
        RequireAuthorization(services, server.Options, method);
        return new RouteMap(server, endpoints.MapGroup(prefix), format);
    }

    /// <summary>Maps a route for predictions, or for what is to be known about them.</summary>
    public void Predict(string method, string pattern, string kind, Func<HttpContext, RequestTime, Task> handle) =>
        Authorize(Map(method, pattern, kind, handle), Options.PredictPolicy, Options.AllowAnonymousPredictions);

    /// <summary>Maps a route for labels.</summary>
    public void Label(string method, string pattern, string kind, Func<HttpContext, RequestTime, Task> handle) =>
        Authorize(Map(method, pattern, kind, handle), Options.LabelPolicy, Options.AllowAnonymousLabels);

    /// <summary>Maps a route that changes a release; none without a policy for it.</summary>
    public void Admin(
        string method, string pattern, string kind, Func<HttpContext, RequestTime, Task> handle, TimeSpan? limit = null)
    {
        if (Options.AdminPolicy is { } policy) Authorize(Map(method, pattern, kind, RequireAsync, limit), policy, isAnonymous: false);

        // AllowAnonymous on the group of all routes, which may be meant for predictions, beats what a route requires.
        async Task RequireAsync(HttpContext context, RequestTime time)
        {
            if (context.User.Identity?.IsAuthenticated != true) throw Rejection.NoUser();
            if (!await Server.MayReleaseAsync(context).ConfigureAwait(false)) throw Rejection.NotAllowed();
            await handle(context, time).ConfigureAwait(false);
        }
    }

    /// <summary>Maps a route that anybody may call.</summary>
    public void Open(string method, string pattern, string kind, Func<HttpContext, RequestTime, Task> handle) =>
        Map(method, pattern, kind, handle).AllowAnonymous();

    private IEndpointConventionBuilder Map(
        string method, string pattern, string kind, Func<HttpContext, RequestTime, Task> handle, TimeSpan? limit = null)
    {
        var route = new GuardedRoute(Server, kind, _format, handle, limit);
        var mapped = Group.MapMethods(pattern, [method], route.HandleAsync).WithDisplayName($"MlOps.Sdk {kind}");

        // The document of a model describes its routes; a general one could not know them.
        return mapped.WithMetadata(new ExcludeFromDescriptionAttribute());
    }

    private static void Authorize(IEndpointConventionBuilder route, string? policy, bool isAnonymous)
    {
        if (isAnonymous)
        {
            route.AllowAnonymous();
            return;
        }

        // A default policy that lets anybody in must not open these routes.
        route.RequireAuthorization(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        route.RequireAuthorization();
        if (policy is not null) route.RequireAuthorization(policy);
    }

    // Routes are mapped without waiting. A provider that has to look its schemes up is believed to have one: without, requests fail.
    private static bool HasScheme(IServiceProvider services)
    {
        if (services.GetService<IAuthenticationSchemeProvider>() is not { } provider) return false;
        var schemes = provider.GetAllSchemesAsync();
        return !schemes.IsCompletedSuccessfully || schemes.Result.Any();
    }

    private static void RequireAuthorization(IServiceProvider services, ModelServingOptions options, string method)
    {
        if (options is { AllowAnonymousPredictions: true, AllowAnonymousLabels: true, AdminPolicy: null }) return;
        const string open = "To let anybody call, which is for development only, set AllowAnonymousPredictions and " +
            "AllowAnonymousLabels of ModelServingOptions.";
        if (services.GetService<IAuthorizationPolicyProvider>() is null || services.GetService<IAuthorizationService>() is null)
        {
            throw new InvalidOperationException(
                $"{method} needs authorization, and the application has none. Call services.AddAuthorization(). {open}");
        }
        if (!HasScheme(services))
        {
            throw new InvalidOperationException(
                $"{method} needs authentication, and the application has no scheme of it. Call services.AddAuthentication(…) with a " +
                    $"scheme, for example JWT bearer. {open}");
        }
    }
}
