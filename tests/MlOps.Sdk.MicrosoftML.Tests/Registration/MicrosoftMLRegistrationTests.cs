using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet;

internal sealed class MicrosoftMLRegistrationTests
{
    [Test]
    public async Task AddMicrosoftML_Host_ServesAPipeline()
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync(options => options.UseMicrosoftML());
        var rows = PipelineRows.Only(PipelineRows.Create(300), "tenure", "visits", "member", "contract", "churn");
        await LifecycleBuilder.Create("customers")
            .DefineProblem(problem => problem.BinaryClassification("churn", positive: "yes"))
            .CollectData(data => data.From(new DatasetSource(rows)))
            .ProcessData(data => data.Split(test: 0.3))
            .DefineMetrics(metrics => metrics.Optimize(Metric.RocAuc))
            .TrainModel(training => training
                .TryPipeline(MicrosoftML.Pipeline("trees", "1", PipelineSamples.Trees))
                .CrossValidate(folds: 2))
            .DeployModel(deployment => deployment.ToProcess())
            .Build()
            .RunAsync(temporary.Workspace);
        var customer = new Customer { Tenure = 3, Visits = 4, Member = true, Contract = "One year" };
        var expected = temporary.Workspace.Endpoint<Customer, double>("customers").Predict(customer).Value;
        await temporary.Workspace.DisposeAsync();

        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddMlOps(options => options.Workspace = temporary.Path)
            .AddEndpoint<Customer, double>("customers")
            .AddMicrosoftML();
        using var host = builder.Build();
        await host.StartAsync();

        var endpoint = host.Services.GetRequiredKeyedService<IEndpoint<Customer, double>>("customers");
        Assert.That(endpoint.Predict(customer).Value, Is.EqualTo(expected));
        await host.StopAsync();
    }

    private sealed class Customer
    {
        public double? Tenure { get; init; }

        public long Visits { get; init; }

        public bool Member { get; init; }

        public string? Contract { get; init; }
    }
}
