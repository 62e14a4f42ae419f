using MlOps.Sdk;
using MlOps.Sdk.Data;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Processing;

namespace Acme;

/// <summary>What is expected of customers before anything is learned from them, and what happens to their personal data.</summary>
internal static class CheckedCustomers
{
    public static Lifecycle Build(string csv, Dataset plans, Func<byte[]> readKey)
    {
        // begin-snippet: expectations
        var lifecycle = LifecycleBuilder.Create("checked-customers")
            .DefineProblem(problem => problem.BinaryClassification(label: "churn", positive: "Yes"))
            .CollectData(data => data
                .FromCsv(csv)
                .Personal("email", PersonalTreatment.Hash(readKey, length: 32)) // equal addresses stay equal; readKey asks the vault
                .Personal("name", PersonalTreatment.Drop))
            .ProcessData(data => data
                .Expect(rows => rows.Unique("customer_id", "month"))
                .Expect(rows => rows.Column("postcode").Matches("^[0-9]{5}$"), OnFailure.Quarantine, mostly: 0.99)
                .Expect(rows => rows.Column("plan").OccursIn(plans, "id"))
                .Expect(rows => rows.Column("charges").MeanBetween(20, 80))
                .Expect(rows => rows.Column("charges").QuantileBetween(0.5, 20, 80), OnFailure.Warn)
                .Expect(rows => rows.Columns("net", "tax").AddUpTo("charges", tolerance: 0.01))
                .Expect(rows => rows.Columns("signed_at", "ended_at").AreOrdered())
                .Expect(rows => rows.Column("signed_at").NotOlderThan(TimeSpan.FromDays(36_500)))
                .Expect(
                    rows => rows.Fulfil("a customer who left has an end", row => row.Text("churn") != "Yes" || !row.IsNull("ended_at"))))
            .Build();
        // end-snippet
        return lifecycle;
    }

    public static async Task<SuggestedExpectations> SuggestAsync(string csv)
    {
        // begin-snippet: suggest
        var rows = await DataSources.Csv(csv).ReadAllAsync();
        foreach (var finding in PersonalData.Detect(rows)) Console.WriteLine(finding.Sentence);

        var suggested = DatasetProfile.Of(rows).Suggest();
        Console.WriteLine(suggested.ToCSharp()); // to paste and edit; or add them as they are: data.Expect(suggested)
        // end-snippet
        return suggested;
    }
}
