using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Plugins;

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
    public MlOpsBuilder AddLifecycle(string name, Action<LifecycleBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        _ = LifecycleBuilder.Create(name);
        if (Services.Any(service => service.IsKeyedService && service.ServiceType == typeof(Lifecycle) && Equals(service.ServiceKey, name)))
            throw new InvalidOperationException($"The lifecycle '{name}' is added twice.");
        Services.AddKeyedSingleton(name, (_, _) =>
        {
            var builder = LifecycleBuilder.Create(name);
            configure(builder);
            return builder.Build();
        });
        Services.AddSingleton(new LifecycleRegistration(name));
        return this;
    }

    /// <summary>
    /// Adds an endpoint, to be injected as <see cref="IEndpoint{TIn, TOut}"/> with <c>[FromKeyedServices(model)]</c>. The promoted version
    /// is served when the host starts.
    /// </summary>
    /// <typeparam name="TIn">The class of a row.</typeparam>
    /// <typeparam name="TOut">The type of the answer, see <see cref="Endpoint{TIn, TOut}"/>.</typeparam>
    /// <param name="model">The model's name, which is the key.</param>
    /// <param name="configure">
    /// Says where versions come from besides the lifecycle of that name; <see langword="null"/> for the registry alone.
    /// </param>
    public MlOpsBuilder AddEndpoint<TIn, TOut>(string model, Action<EndpointBuilder>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        var endpoint = new EndpointBuilder(model);
        configure?.Invoke(endpoint);
        Services.AddKeyedSingleton<IEndpoint<TIn, TOut>>(
            model,
            (services, _) => new InjectedEndpoint<TIn, TOut>(services.GetRequiredService<MlOpsHostedService>(), model));
        Services.AddSingleton(new EndpointRegistration(
            model, endpoint.Feed, $"<{typeof(TIn).Name}, {typeof(TOut).Name}>", Endpoint<TIn, TOut>.Check));
        return this;
    }

    /// <summary>Adds the reader of a plug-in of the team's own.</summary>
    /// <typeparam name="T">What is read: a model, a fitted transform or a row processor.</typeparam>
    /// <param name="reader">The reader.</param>
    public MlOpsBuilder AddReader<T>(IFormatReader<T> reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        Services.AddSingleton(new ReaderRegistration(readers => readers.Add(reader)));
        return this;
    }
}
