using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.AspNetCore;

/// <summary>
/// Keeps the host from starting where a policy of the options does not exist: ASP.NET Core would say so at the first call, with 500.
/// </summary>
internal sealed class PolicyCheck(IServiceProvider services, IOptions<ModelServingOptions> serving) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        // Whoever maps routes without authorization is told so there.
        if (services.GetService<IAuthorizationPolicyProvider>() is not { } provider) return;
        var options = serving.Value;
        var mistakes = new List<string>();
        foreach (var (option, policy) in new[]
        {
            (nameof(options.PredictPolicy), options.PredictPolicy),
            (nameof(options.LabelPolicy), options.LabelPolicy),
            (nameof(options.AdminPolicy), options.AdminPolicy),
        })
        {
            if (policy is null || await provider.GetPolicyAsync(policy).WaitAsync(cancellationToken).ConfigureAwait(false) is not null)
            {
                continue;
            }
            mistakes.Add(
                $"ModelServingOptions.{option} names the policy '{PrintableText.Shorten(policy)}', which does not exist. " +
                    "Add it with services.AddAuthorizationBuilder().AddPolicy(…), or name one that does.");
        }

        if (mistakes.Count > 0) throw new OptionsValidationException(Options.DefaultName, typeof(ModelServingOptions), mistakes);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
