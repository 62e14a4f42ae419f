using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk;

/// <summary>Registers lifecycles, endpoints and readers in a service collection. Not thread-safe.</summary>
public sealed class MlOpsBuilder
{
    internal MlOpsBuilder(IServiceCollection services) => Services = services;

    /// <summary>The services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>
    /// Adds a lifecycle. It is built, and its mistakes are reported, when the host starts; it can be injected as a
    /// keyed <see cref="Lifecycle"/>.
    /// </summary>
    /// <param name="name">The lifecycle's name.</param>
    /// <param name="configure">Names the stages.</param>
    /// <exception cref="ArgumentException">The name is not a valid lifecycle name.</exception>
    /// <exception cref="InvalidOperationException">A lifecycle of that name was added already.</exception>
    public MlOpsBuilder AddLifecycle(string name, Action<LifecycleBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return AddLifecycle(name, (_, builder) => configure(builder));
    }

    /// <summary>
    /// Adds a lifecycle that is configured with services, for example a database's data source or an <c>IOptions</c>. It is built, and its
    /// mistakes are reported, when the host starts; it can be injected as a keyed <see cref="Lifecycle"/>.
    /// </summary>
    /// <param name="name">The lifecycle's name.</param>
    /// <param name="configure">
    /// Names the stages. The services are those of the application, without a scope: name scoped plug-ins by type, and each run resolves
    /// them in its own scope.
    /// </param>
    /// <exception cref="ArgumentException">The name is not a valid lifecycle name.</exception>
    /// <exception cref="InvalidOperationException">A lifecycle of that name was added already.</exception>
    public MlOpsBuilder AddLifecycle(string name, Action<IServiceProvider, LifecycleBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        _ = LifecycleBuilder.Create(name);
        if (Registered<LifecycleRegistration>().Any(lifecycle => lifecycle.Name == name))
        {
            throw new InvalidOperationException($"The lifecycle '{name}' is added twice. Keep only one AddLifecycle(\"{name}\", …).");
        }
        Services.AddKeyedSingleton(name, (services, _) =>
        {
            var builder = LifecycleBuilder.Create(name);
            configure(services, builder);
            return builder.Build();
        });
        Services.AddSingleton(new LifecycleRegistration(name));
        return this;
    }

    /// <summary>
    /// Adds an endpoint, to be injected as <see cref="IEndpoint{TIn, TOut}"/>: by its types alone while one endpoint has them, else with
    /// <c>[FromKeyedServices(model)]</c>. The promoted version is served when the host starts, and each that is promoted later is taken up
    /// within <see cref="MlOpsOptions.PromotionInterval"/>. A version that cannot be called with the types is not served: the one before
    /// continues.
    /// </summary>
    /// <typeparam name="TIn">The class of a row.</typeparam>
    /// <typeparam name="TOut">The type of the answer, see <see cref="Endpoint{TIn, TOut}"/>.</typeparam>
    /// <param name="model">The model's name, which is the key.</param>
    /// <param name="configure">
    /// Says where versions come from besides the lifecycle of that name; <see langword="null"/> for the registry alone.
    /// </param>
    /// <exception cref="InvalidOperationException">
    /// An endpoint of these types was added for the model already, or its versions come from two feeds.
    /// </exception>
    /// <exception cref="ArgumentException">A name is not one that a model can have.</exception>
    public MlOpsBuilder AddEndpoint<TIn, TOut>(string model, Action<EndpointBuilder>? configure = null)
    {
        RequireName(model, nameof(model));
        var endpoint = new EndpointBuilder(model);
        configure?.Invoke(endpoint);
        var type = typeof(IEndpoint<TIn, TOut>);
        var types = $"<{typeof(TIn).Name}, {typeof(TOut).Name}>";
        foreach (var other in Registered<EndpointRegistration>().Where(other => other.Model == model))
        {
            if (other.Type == type)
            {
                throw new InvalidOperationException(
                    $"The endpoint {types} of '{model}' is added twice. Keep only one AddEndpoint{types}(\"{model}\").");
            }
            if (other.Feed is not null && endpoint.Feed is not null)
            {
                throw new InvalidOperationException(
                    $"The versions of '{model}' come from '{other.Feed.Name}' and from '{endpoint.Feed.Name}'. Name one of them.");
            }
        }

        Services.AddKeyedSingleton<IEndpoint<TIn, TOut>>(
            model,
            (services, _) => new InjectedEndpoint<TIn, TOut>(services.GetRequiredService<MlOpsHostedService>(), model));
        Services.TryAddSingleton(services => OnlyOne<TIn, TOut>(services, types));
        Services.AddSingleton(new EndpointRegistration(
            model, type, endpoint.Feed, new SlotEndpoint(EndpointContract.Of<TIn, TOut>(), Endpoint<TIn, TOut>.Prepare)));
        return this;
    }

    /// <summary>
    /// Lets a rule answer where a model is stopped, fails or gives no number, and where its circuit is open: see
    /// <see cref="Workspace.UseFallback"/>.
    /// </summary>
    /// <param name="model">The model's name.</param>
    /// <param name="rule">Answers a row.</param>
    /// <param name="circuit">When a version that fails is no longer called for a while; <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="InvalidOperationException">A rule was added for the model already.</exception>
    public MlOpsBuilder UseFallback(string model, FallbackRule rule, CircuitOptions? circuit = null)
    {
        RequireName(model, nameof(model));
        ArgumentNullException.ThrowIfNull(rule);
        circuit?.Validate(nameof(circuit));
        if (Registered<FallbackRegistration>().Any(other => other.Model == model))
        {
            throw new InvalidOperationException(
                $"The fallback rule of '{model}' is added twice. Keep only one UseFallback(\"{model}\", …).");
        }
        Services.AddSingleton(new FallbackRegistration(model, rule, circuit));
        return this;
    }

    /// <summary>
    /// Serves models for callers that give rows by column name: <see cref="Workspace.Endpoint(string)"/>, or over HTTP. The version that is
    /// promoted is served when the host starts, each later one within <see cref="MlOpsOptions.PromotionInterval"/>. May be called several
    /// times.
    /// </summary>
    /// <param name="models">
    /// The models' names; none for every model of the workspace that has a promoted version, also those that get one later. With names,
    /// no other model is answered over HTTP but those of endpoints.
    /// </param>
    /// <exception cref="ArgumentException">A name is empty.</exception>
    public MlOpsBuilder AddServedModels(params IReadOnlyList<string> models)
    {
        ArgumentNullException.ThrowIfNull(models);
        foreach (var model in models) RequireName(model, nameof(models));
        Services.AddSingleton(new ServedModels([.. models]));
        return this;
    }

    /// <summary>
    /// Takes up the releases that another workspace hands over through a folder, see <c>deployment.ToFolder</c>: when the host starts, and
    /// whenever there is another one, each by <see cref="Workspace.ReceiveAsync"/>. A release that is rejected is logged (event 8070) and
    /// told by the health check; the version before stays live, and it is tried again with growing pauses. Of a host that serves certain
    /// models, those are taken up; else every model of the folder. The container needs a <see cref="Packaging.PackageTrust"/>. May be
    /// called several times.
    /// </summary>
    /// <param name="folder">The folder; it may be missing until the first release.</param>
    /// <param name="interval">How often the folder is looked at, at least 100 milliseconds. Default: every 5 seconds.</param>
    /// <param name="releaseBytes">The largest release that is read, in bytes, above 0. Default: 256 MiB.</param>
    public MlOpsBuilder FollowReleases(string folder, TimeSpan? interval = null, long releaseBytes = 256L << 20)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        var often = interval ?? TimeSpan.FromSeconds(5);
        ArgumentOutOfRangeException.ThrowIfLessThan(often, TimeSpan.FromMilliseconds(100), nameof(interval));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(releaseBytes);
        Services.AddSingleton(new ReleaseSource(Path.GetFullPath(folder), often, releaseBytes));
        return this;
    }

    /// <summary>Adds the reader of a plug-in of the team's own.</summary>
    /// <typeparam name="T">What is read: a model, a fitted transform or a row processor.</typeparam>
    /// <param name="reader">The reader.</param>
    /// <exception cref="InvalidOperationException">A reader of this type and format was added already.</exception>
    public MlOpsBuilder AddReader<T>(IFormatReader<T> reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentException.ThrowIfNullOrWhiteSpace(reader.FormatId);
        if (Registered<ReaderRegistration>().Any(other => other.Type == typeof(T) && other.FormatId == reader.FormatId))
        {
            throw new InvalidOperationException(
                $"The reader of the format '{reader.FormatId}' is added twice. Keep only one AddReader<{typeof(T).Name}>(…) for it.");
        }
        Services.AddSingleton(new ReaderRegistration(typeof(T), reader.FormatId, readers => readers.Add(reader)));
        return this;
    }

    /// <summary>
    /// Adds a webhook that is told of what happens to the models of the workspace, in any process (<see cref="DeploymentEvent"/>): as JSON,
    /// or as a message for Slack or Teams. Events come in their order and at least once, also those of a time when no host ran; a receiver
    /// can tell repeated ones by the header <c>X-MlOps-Id</c>. The first is the one after the host started for the first time with this
    /// name. Of several processes of a workspace, one tells it at a time. An event that the receiver rejects is logged and left out; where
    /// it cannot be reached, it is asked again until it can. <see cref="DeploymentWebhooks"/> is injected to send a test.
    /// </summary>
    /// <param name="name">A name of it, under which the workspace keeps up to which event it was told.</param>
    /// <param name="url">
    /// The address, with https, or with http on this machine. It often holds a secret: take it from the configuration. Redirects are not
    /// followed.
    /// </param>
    /// <param name="configure">Sets further options, such as the secret that requests are signed with.</param>
    /// <exception cref="ArgumentException">
    /// The name is empty, the address is not one that may be called, or an option is out of its range.
    /// </exception>
    /// <exception cref="InvalidOperationException">A webhook of that name was added already.</exception>
    public MlOpsBuilder AddDeploymentWebhook(string name, string url, Action<WebhookOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentException.ThrowIfNullOrWhiteSpace(url);
        var options = new WebhookOptions();
        configure?.Invoke(options);
        if (options.SendResolved)
        {
            throw new ArgumentException("SendResolved is about alerts: events of deployments are never resolved.", nameof(configure));
        }
        _ = new WebhookClient(url, options);
        if (Registered<DeploymentWebhookRegistration>().Any(webhook => webhook.Name == name))
        {
            throw new InvalidOperationException(
                $"The webhook '{name}' is added twice. Keep only one AddDeploymentWebhook(\"{name}\", …).");
        }
        Services.AddSingleton(new DeploymentWebhookRegistration(name, url, options));
        Services.TryAddSingleton(services => new DeploymentWebhooks(
            services.GetServices<DeploymentWebhookRegistration>(), services.GetService<TimeProvider>()));
        return this;
    }

    private static IEndpoint<TIn, TOut> OnlyOne<TIn, TOut>(IServiceProvider services, string types)
    {
        string[] models =
        [
            .. services.GetServices<EndpointRegistration>()
                .Where(registration => registration.Type == typeof(IEndpoint<TIn, TOut>))
                .Select(registration => registration.Model),
        ];
        return models is [var model]
            ? services.GetRequiredKeyedService<IEndpoint<TIn, TOut>>(model)
            : throw new InvalidOperationException(
                $"IEndpoint{types} could be the endpoint of {string.Join(" or of ", models.Select(name => $"'{name}'"))}. " +
                    $"Inject it with [FromKeyedServices(\"{models[0]}\")].");
    }

    private IEnumerable<T> Registered<T>()
        where T : class => Services.Where(service => !service.IsKeyedService).Select(service => service.ImplementationInstance).OfType<T>();

    // No lifecycle can have another name, so that the host would wait for the model for ever.
    private static void RequireName(string model, string parameter)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model, parameter);
        if (ModelName.IsValid(model)) return;
        throw new ArgumentException(
            $"'{PrintableText.Shorten(model)}' cannot be the name of a model: use {ModelName.Rule}.", parameter);
    }
}
