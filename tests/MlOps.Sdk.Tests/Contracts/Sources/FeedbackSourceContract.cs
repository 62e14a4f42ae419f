using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Problem;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

public sealed class FeedbackSourceContract : DataSourceContract
{
    private static readonly Lazy<Task<TemporaryWorkspace>> Feedback = new(PredictAndLabelAsync);

    [OneTimeTearDown]
    public static async Task DeleteWorkspace()
    {
        if (Feedback.IsValueCreated) await (await Feedback.Value).DisposeAsync();
    }

    protected override async ValueTask<IDataSource> CreateAsync() => await SourceAsync("first");

    protected override async ValueTask<IDataSource?> CreateOtherAsync() => await SourceAsync("other");

    private static async Task<IDataSource> SourceAsync(string model)
    {
        var workspace = (await Feedback.Value).Workspace;
        return new FeedbackSource(
            model,
            workspace.MonitoringServices.Labels,
            Dataset.FromBatches(SampleRows.Schema, []),
            SampleRows.Label,
            TaskKind.BinaryClassification,
            InputsAsync);

        async Task<Schema> InputsAsync(int version, CancellationToken cancellationToken)
        {
            using var package = await workspace.ReadPackageAsync(
                await workspace.Models.GetAsync(model, version, cancellationToken),
                cancellationToken);
            return package.Graph.Input;
        }
    }

    private static async Task<TemporaryWorkspace> PredictAndLabelAsync()
    {
        var temporary = await TemporaryWorkspace.OpenAsync();
        foreach (var (model, seed) in new[] { ("first", 2), ("other", 3) })
        {
            await BlessedModels.CreateAsync(temporary.Workspace, model);
            var rows = SampleRows.Create(12, seed);
            var labels = new Dictionary<PredictionId, string>();
            for (var row = 0; row < rows.RowCount; row++)
            {
                var values = new Dictionary<string, object?>
                {
                    ["amount"] = rows["amount"].IsNull(row) ? null : rows["amount"].GetNumber(row),
                    ["visits"] = (long)rows["visits"].GetNumber(row),
                    ["member"] = rows["member"].GetNumber(row) == 1,
                    ["plan"] = rows["plan"].GetText(row),
                    ["since"] = DateTime.UnixEpoch.AddSeconds(rows["since"].GetNumber(row)),
                };
                labels[temporary.Workspace
                    .Endpoint(model)
                    .Predict(values, PredictionId.FromKey($"{model}-{row}")).Id] = rows[SampleRows.Label].GetText(row)!;
            }

            await temporary.Workspace.Monitor(model).LabelAsync(labels);
        }

        return temporary;
    }
}
