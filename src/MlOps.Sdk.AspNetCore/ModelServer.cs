using System.Collections.Concurrent;
using System.Security.Claims;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.AspNetCore;

/// <summary>What all routes share: the models of this process, the limits, the log. Thread-safe.</summary>
internal sealed class ModelServer : IDisposable
{
    private readonly MlOpsHostedService _host;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ConcurrencyLimiter _limiter;
    private readonly ConcurrentDictionary<ModelSlot, ModelCalls<BufferedRow, RowAnswer>> _calls = new();
    private readonly int _retryAfter;

    public ModelServer(
        MlOpsHostedService host,
        IHostApplicationLifetime lifetime,
        IOptions<ModelServingOptions> options,
        IOptions<MlOpsOptions> hosting,
        ILoggerFactory loggers,
        TimeProvider? time = null)
    {
        (_host, _lifetime, Options, Time) = (host, lifetime, options.Value, time ?? TimeProvider.System);
        Bodies = new BodyMemory(Options.BufferedBytes);
        Logger = QuietLogger.Of(loggers, "MlOps.Sdk.Http");
        _retryAfter = (int)Math.Clamp(Math.Ceiling(hosting.Value.PromotionInterval.TotalSeconds), 1, 30);
        _limiter = new ConcurrencyLimiter(new ConcurrencyLimiterOptions
        {
            PermitLimit = Options.ConcurrentRequests,
            QueueLimit = Options.QueuedRequests,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
    }

    public ModelServingOptions Options { get; }

    /// <summary>The memory that bodies may take.</summary>
    public BodyMemory Bodies { get; }

    public TimeProvider Time { get; }

    public ILogger Logger { get; }

    /// <summary>Whether the process takes requests: its workspace is open, and it is not about to stop.</summary>
    public bool IsOpen => _host.IsOpen && !_lifetime.ApplicationStopping.IsCancellationRequested;

    /// <summary>
    /// Whether every model that is to be served here has a live version, and there is one at all. A model that is stopped does not count:
    /// it is stopped in all processes, and a load balancer would take all of them away from the other models.
    /// </summary>
    public bool IsReady =>
        IsOpen
        && _host.Workspace.Slots.Any(slot => slot.Current is not null && _host.IsOffered(slot))
        && _host.Models.All(model => _host.Workspace.FindSlot(model)?.Current is not null);

    /// <summary>Cancelled when the process is about to stop.</summary>
    public CancellationToken Stopping => _lifetime.ApplicationStopping;

    /// <exception cref="Rejection">It is not open.</exception>
    public Workspace Workspace => _host.IsOpen ? _host.Workspace : throw Rejection.NotLive(_retryAfter);

    /// <summary>The places of the models that this process serves, by name.</summary>
    public IReadOnlyList<ModelSlot> Slots =>
        [.. Workspace.Slots.Where(_host.IsOffered).OrderBy(slot => slot.Name, StringComparer.Ordinal)];

    /// <summary>The place of the model that a route names.</summary>
    /// <exception cref="Rejection">There is none.</exception>
    public ModelSlot SlotOf(HttpContext context) => SlotOf(context, context.GetRouteValue("model") as string);

    /// <summary>
    /// The place of the model that a route names, for those who change releases: a version that cannot be served here can be rolled back.
    /// </summary>
    /// <exception cref="Rejection">There is none.</exception>
    public ModelSlot ReleaseSlotOf(HttpContext context) =>
        _host.ServesAll && context.GetRouteValue("model") is string name && ModelName.IsValid(name) && Workspace.FindSlot(name) is { } slot
            ? slot
            : SlotOf(context);

    /// <summary>The name of the model that a route names, if releases of it are taken up here: it need not be there yet.</summary>
    /// <exception cref="Rejection">There is none.</exception>
    public string ReceivableOf(HttpContext context) =>
        Workspace is not null && context.GetRouteValue("model") is string name && ModelName.IsValid(name)
        && (_host.ServesAll || _host.Models.Count == 0 || _host.Models.Contains(name))
            ? name
            : SlotOf(context).Name;

    /// <summary>The place of a model.</summary>
    /// <param name="context">The request.</param>
    /// <param name="name">The model's name.</param>
    /// <param name="isMapped">Whether the application names the model in the route, so that it is served in any case.</param>
    /// <exception cref="Rejection">There is none.</exception>
    public ModelSlot SlotOf(HttpContext context, string? name, bool isMapped = false)
    {
        var workspace = Workspace;
        if (ModelName.IsValid(name))
        {
            if (workspace.FindSlot(name) is { } slot && (_host.IsOffered(slot) || (isMapped && slot.Route is not null)))
            {
                return slot;
            }
            if (isMapped || _host.Models.Contains(name)) throw Rejection.NotLive(_retryAfter);
        }

        // Names are told to those only who may know them.
        var near = name is { Length: <= ModelName.Longest } && context.User.Identity?.IsAuthenticated == true
            ? NearestName.Find(name, Slots.Select(slot => slot.Name))
            : null;
        throw Rejection.NoModel(near);
    }

    /// <summary>What answers the calls of a model.</summary>
    /// <exception cref="Rejection">No version is live.</exception>
    public LiveRoute RouteOf(ModelSlot slot) => slot.Route ?? throw Rejection.NotLive(_retryAfter);

    /// <summary>What answers the calls of a model that may answer.</summary>
    /// <exception cref="Rejection">No version is live, or the model is stopped and has no fallback.</exception>
    public LiveRoute RequireRoute(ModelSlot slot) =>
        slot.Stopped is null || slot.CanAnswer ? RouteOf(slot) : throw Rejection.Stopped(_retryAfter);

    /// <summary>The path of calls of a model, which is the one of the endpoints of this process.</summary>
    public ModelCalls<BufferedRow, RowAnswer> CallsOf(ModelSlot slot) =>
        _calls.GetOrAdd(slot, static slot => new ModelCalls<BufferedRow, RowAnswer>(slot, BufferedModel.Of));

    /// <summary>
    /// The rejection for what the caller caused, or can only wait for; <see langword="null"/> for what is a failure of the server.
    /// </summary>
    /// <param name="failure">What ended the request.</param>
    /// <param name="time">The time of the request; <see langword="null"/> where it cannot have ended it.</param>
    public Rejection? RejectionOf(Exception failure, RequestTime? time = null) => failure switch
    {
        Rejection rejection => rejection,
        ModelNotLiveException => Rejection.NotLive(_retryAfter),
        ModelStoppedException => Rejection.Stopped(_retryAfter),
        InputRejectedException rejected => Rejection.OfInputs(rejected, Options.ListedErrors),
        ConcurrencyException conflict => Rejection.Conflict($"{conflict.Problem} {conflict.Remedy}"),
        NotAllowedException refused => Rejection.NotAllowed(Secrets.Blank(refused.Problem)),
        MlOpsException { InnerException: Rejection rejection } => rejection,

        // What has another cause than the library may say anything.
        MlOpsException { IsOfCaller: true, InnerException: null or MlOpsException } mistake => Rejection.OfMistake(mistake),
        OperationCanceledException when time is { IsOver: true } => Rejection.Late(),
        OperationCanceledException when Stopping.IsCancellationRequested => Rejection.Stopping(),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => Rejection.TooLarge(Options.RequestBytes),
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } => Rejection.LateBody(),
        BadHttpRequestException => Rejection.BadBody(),
        ObjectDisposedException when !IsOpen => Rejection.NotLive(_retryAfter),
        _ => null,
    };

    /// <summary>
    /// Whether the log is to have a failure: what the caller caused is none, and neither is a model that is stopped, unless its fallback
    /// fails.
    /// </summary>
    public static bool IsFailure(Exception failure, Rejection? rejection) =>
        rejection is null
        || failure is ModelStoppedException
        {
            InnerException: not (null or Rejection or InputRejectedException or MlOpsException { IsOfCaller: true })
        };

    /// <summary>Takes a place among the requests that predict, and waits for one if there is none.</summary>
    /// <exception cref="Rejection">Too many wait already, or the time is over.</exception>
    public async ValueTask<RateLimitLease> EnterAsync(HttpContext context, RequestTime time)
    {
        var lease = _limiter.AttemptAcquire();
        if (lease.IsAcquired) return lease;
        lease.Dispose();
        try
        {
            lease = await _limiter.AcquireAsync(1, time.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            throw Rejection.Late();
        }
        if (lease.IsAcquired) return lease;
        lease.Dispose();
        throw Rejection.Busy();
    }

    /// <summary>Whether the user of a request may change releases.</summary>
    public async ValueTask<bool> MayReleaseAsync(HttpContext context)
    {
        var services = context.RequestServices;
        if (Options.AdminPolicy is not { } name) return false;
        var policies = services.GetRequiredService<IAuthorizationPolicyProvider>();
        if (await policies.GetPolicyAsync(name).ConfigureAwait(false) is not { } policy) return false;
        var user = context.User;
        if (policy.AuthenticationSchemes.Count > 0)
        {
            // A policy of certain schemes knows the user of no other.
            user = new ClaimsPrincipal();
            foreach (var scheme in policy.AuthenticationSchemes)
            {
                var known = await context.AuthenticateAsync(scheme).ConfigureAwait(false);
                if (known.Principal is { } principal) user.AddIdentities(principal.Identities);
            }
        }
        if (!user.Identities.Any(identity => identity.IsAuthenticated)) return false;
        var authorization = services.GetRequiredService<IAuthorizationService>();
        return (await authorization.AuthorizeAsync(user, null, policy).ConfigureAwait(false)).Succeeded;
    }

    public void Dispose() => _limiter.Dispose();
}
