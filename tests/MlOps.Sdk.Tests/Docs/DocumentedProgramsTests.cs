using System.Globalization;
using System.Text.Json;
using Acme;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tests.Architecture;
using MlOps.Sdk.Tests.Collection;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Docs;

/// <summary>What the docs show does not only compile: it works.</summary>
[TestFixture]
public sealed class DocumentedProgramsTests
{
    private static string Csv => Path.Combine(AppContext.BaseDirectory, "data", "telco-churn.csv");

    [Test]
    public async Task ReadmeProgram_OnChurn_DeploysAndPredicts()
    {
        using var folder = new TempFolder();

        typeof(Customer).Assembly.EntryPoint!.Invoke(null, [new[] { Csv, folder["workspace"] }]);

        await using var workspace = await Workspace.OpenAsync(folder["workspace"]);
        var run = await workspace.Runs.LatestAsync("customer-churn");
        var champion = await workspace.Models.FindByAliasAsync("customer-churn", ModelRegistry.Champion);
        Assert.That(run!.State, Is.EqualTo(RunState.Succeeded));
        Assert.That(champion!.Metrics["roc_auc"].Value, Is.GreaterThan(0.8));
    }

    [TestCase("""{"female":1,"tenure":2,"contract":"One year","internetService":"DSL"}""", "monthlyCharges", TestName = "missing")]
    [TestCase(
        """{"female":1,"tenure":2,"monthlyCharges":9.5,"monthly_charges":9.5,"contract":"One year","internetService":"DSL"}""",
        "monthly_charges",
        TestName = "misspelt")]
    public void JsonRequest_MemberIsMissingOrMisspelt_IsRefused(string body, string member) =>
        Assert.That(() => HostedChurn.Answer(null!, body), Throws.TypeOf<JsonException>().With.Message.Contains(member));

    [Test]
    public async Task GettingStarted_CustomersChange_DriftIsNoticedAndAnswered()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder["workspace"]);
        var lifecycle = WatchedChurn.Build(Csv);
        await WatchedChurn.ResumeAsync(workspace, lifecycle);
        var customers = await CustomersAsync(400);

        var ids = WatchedChurn.Predict(
            workspace,
            customers.Select(customer => customer with { MonthlyCharges = customer.MonthlyCharges * 1.7 }));
        var report = await WatchedChurn.CheckAsync(workspace);
        var retraining = await WatchedChurn.RetrainAsync(workspace, lifecycle, ids);

        Assert.That(report!.Changes.First().Measurement.Subject, Is.EqualTo("monthly_charges"));
        Assert.That(report.AskedForRetraining, Is.True);
        Assert.That(retraining.Run!.Record.Cause, Does.StartWith("retraining"));
        var (page, watched) = (Path.Combine(folder.Path, "run.html"), Path.Combine(folder.Path, "monitoring.html"));
        await WatchedChurn.PagesAsync(retraining.Run, report, page, watched);
        Assert.That(await File.ReadAllTextAsync(page), Does.Contain("Why each stage ran"));
        Assert.That(await File.ReadAllTextAsync(watched), Does.Contain("<h3>monthly_charges</h3>"));
        Assert.That(await WatchedChurn.VerifyAuditAsync(workspace), Is.True);
        var series = await MeasuredChurn.ShowAsync(workspace, DateTimeOffset.UtcNow.AddMinutes(1), watched);
        Assert.That(series.Points.Where(point => point.Group is null).Select(point => point.Predictions), Is.All.EqualTo(400));
        Assert.That(await File.ReadAllTextAsync(watched), Does.Contain("Performance over time"));
    }

    [Test]
    public async Task Runs_RepeatedInTurnWithinBudgets_TakeWhatIsRecorded()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder["workspace"]);
        var lifecycle = RepeatedRuns.Build(Csv);

        var first = (await RepeatedRuns.InTurnAsync(workspace, lifecycle, default))!;
        var trained = await RepeatedRuns.RepeatAsync(workspace, lifecycle, first.Id);

        Assert.That(trained.Record.Stages.Count(stage => stage.State == StageState.Succeeded), Is.EqualTo(1));
        Assert.That((await workspace.Runs.LatestAsync(ChurnLifecycle.Name))!.ResultsFrom, Is.EqualTo(first.Id));
        Assert.That(await RepeatedRuns.ReadLogAsync(workspace, first.Id), Is.Zero);
    }

    [Test]
    public void Performance_MonitorsOfThePage_AreBuiltWithoutMistakes()
    {
        var (builder, mistakes) = (new MonitoringBuilder(), new List<string>());
        MeasuredChurn.Configure(builder);

        var plan = builder.Build(mistakes);

        Assert.That(mistakes, Is.Empty);
        Assert.That(plan.Monitors, Has.Count.EqualTo(6));
    }

    [Test]
    public async Task Backup_OfALiveWorkspace_ServesTheSameModel()
    {
        using var folder = new TempFolder();
        var customer = (await CustomersAsync(1))[0];
        double probability;
        await using (var workspace = await Workspace.OpenAsync(folder["workspace"]))
        {
            await WatchedChurn.Build(Csv).RunAsync(workspace);
            probability = workspace.Endpoint<Customer, ChurnPrediction>(ChurnLifecycle.Name).Predict(customer).Value.Probability;
            await WatchedChurn.BackupAsync(workspace, folder["backup"]);
            var head = (await workspace.Audit.VerifyAsync()).HeadHash;
            await WatchedChurn.RestoreAsync(folder["backup"], folder["restored"], head);
        }

        await using var backup = await Workspace.OpenAsync(folder["restored"]);
        await WatchedChurn.ServeAsync(backup);

        Assert.That(
            backup.Endpoint<Customer, ChurnPrediction>(ChurnLifecycle.Name).Predict(customer).Value.Probability,
            Is.EqualTo(probability));
    }

    [Test]
    public async Task Traffic_OfAServedModel_IsStoppedAndAnsweredByTheRule()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder["workspace"]);
        await WatchedChurn.Build(Csv).RunAsync(workspace);
        var endpoint = workspace.Endpoint<Customer, ChurnPrediction>(ChurnLifecycle.Name);
        var leaving = new Customer(Female: 0, Tenure: 1, MonthlyCharges: 95, Contract: "Month-to-month", InternetService: "Fiber optic");

        await DividedTraffic.StopAsync(workspace);
        DividedTraffic.FallBackByRule(workspace);
        var resumed = endpoint.Predict(leaving);
        await workspace.Traffic.StopAsync(ChurnLifecycle.Name, "a test");
        var stopped = endpoint.Predict(leaving);

        Assert.That((resumed.Version, stopped.Version), Is.EqualTo((1, 0)));
        Assert.That(stopped is { Arm: "fallback", Value.Probability: 1 }, Is.True);
    }

    [Test]
    public void CheckedInputs_Declared_HaveNoMistakes()
    {
        var mistakes = new List<string>();

        var plan = CheckedInputs.Declare(new DeploymentBuilder()).Build(mistakes);

        Assert.That(mistakes, Is.Empty);
        Assert.That((plan.Inputs!.MissingColumn, plan.Inputs.Columns.Single().Default), Is.EqualTo((InputHandling.Reject, "0")));
    }

    [Test]
    public async Task Host_OnATrainedWorkspace_InjectsTheEndpoint()
    {
        using var folder = new TempFolder();
        var loyal = new Customer(Female: 0, Tenure: 70, MonthlyCharges: 20, Contract: "Two year", InternetService: "No");
        var leaving = new Customer(Female: 0, Tenure: 1, MonthlyCharges: 95, Contract: "Month-to-month", InternetService: "Fiber optic");
        await using (var workspace = await Workspace.OpenAsync(folder["workspace"])) await WatchedChurn.Build(Csv).RunAsync(workspace);

        using var host = HostedChurn.Build([], folder["workspace"], Csv);
        await host.StartAsync();
        var calls = host.Services.GetRequiredService<CallList>();
        var answers = (calls.ShouldCall(loyal), calls.ShouldCall(leaving));
        await host.StopAsync();

        Assert.That(answers, Is.EqualTo((false, true)));
    }

    [Test]
    public async Task Host_ThatOnlyServes_TakesTheTableFromTheConfigurationOfTheOther()
    {
        using var folder = new TempFolder();
        string[] settings = [$"--MlOps:Workspace={folder["workspace"]}", $"--Churn:Table={Csv}"];
        var training = Host.CreateApplicationBuilder(settings);
        training.Services.AddMlOps(training.Configuration.GetSection("MlOps"));
        HostedChurn.ConfigureFromServices(training.Services);
        using var trainer = training.Build();
        await trainer.StartAsync();
        var run = await trainer.Services.GetRequiredKeyedService<Lifecycle>(ChurnLifecycle.Name)
            .RunAsync(trainer.Services.GetRequiredService<Workspace>());
        using var server = HostedChurn.BuildServer(settings);
        await server.StartAsync();

        var endpoint = server.Services.GetRequiredService<IEndpoint<Customer, ChurnPrediction>>();
        var answer = KeyedPrediction.Predict(
            endpoint, "4711", "2026-10", new Customer(0, Tenure: 1, MonthlyCharges: 95, "Month-to-month", "Fiber optic"));
        await server.Services.GetRequiredService<Workspace>().Monitor(ChurnLifecycle.Name).FlushAsync();
        using var import = new LabelImport(server.Services.GetRequiredService<Workspace>(), new Billing());
        var receipt = await import.ImportAsync(default);

        Assert.That(run.Deployment!.IsDeployed, Is.True, run.Deployment.Reason);
        Assert.That((answer.Version, receipt.Added, receipt.Unmatched.Count), Is.EqualTo((1, 1, 1)));
        await server.StopAsync();
        await trainer.StopAsync();
    }

    [Test]
    public async Task LifecycleTests_OfTheDocs_Pass()
    {
        var tests = new ChurnLifecycleTests();
        try
        {
            tests.Define_TheWholeLifecycle_HasNoMistake();
            await tests.Run_ATableOfTheWarehouse_GivesAModelThatAnswersAsExpected();
        }
        finally
        {
            tests.Delete();
        }
    }

    [Test]
    public void Messages_OfTheTroubleshootingPage_AreThoseOfTheCode()
    {
        var code = string.Concat(Repository.SourceFiles(Path.Combine(Repository.Root, "src")).Select(File.ReadAllText));
        var missing = Documentation.Read(Path.Combine("docs", "operations", "troubleshooting.md")).Split('\n')
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .SelectMany(line => line.Split('|')[1].Split('`').Where((_, i) => i % 2 == 1))
            .SelectMany(message => message.Split('…', '\''))
            .Select(part => part.Trim(' ', '.', ';'))
            .Where(part => part.Length > 8 && !code.Contains(part, StringComparison.Ordinal));

        Assert.That(missing, Is.Empty);
    }

    /// <summary>The outcomes of two customers.</summary>
    private sealed class Billing : IBilling
    {
        public async IAsyncEnumerable<(string Customer, string Month, bool Left)> ClosedMonthsAsync(
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            yield return ("4711", "2026-10", true);
            yield return ("4712", "2026-10", false);
        }
    }

    [Test]
    public void Host_ConfiguredAndWithReaders_HasValidRegistrations()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration["MlOps:Workspace"] = "somewhere";

        HostedChurn.Configure(builder);
        HostedChurn.AddReaders(builder.Services);

        using var host = builder.Build();
        Assert.That(
            host.Services.GetRequiredService<Microsoft.Extensions.Options.IOptions<MlOpsOptions>>().Value.Workspace,
            Is.EqualTo("somewhere"));
    }

    [Test]
    public async Task Plugins_OfTheDocs_WorkInOneLifecycle()
    {
        using var folder = new TempFolder();
        await using var workspace = await PluginLifecycle.OpenAsync(folder["workspace"]);
        await using var alerts = new StringWriter();

        var run = await PluginLifecycle.Build(Csv, folder["served"], alerts).RunAsync(workspace);
        var endpoint = workspace.Endpoint("churn-with-plugins");
        for (var i = 0; i < 300; i++)
        {
            endpoint.Predict(new Dictionary<string, object?>
            {
                ["total_charges"] = i % 2 == 0 ? null : 10.0 * i,
                ["contract"] = "One year",
                ["female"] = 1,
                ["senior_citizen"] = 0
            });
        }
        var report = await workspace.Monitor("churn-with-plugins").CheckAsync();

        Assert.That(run.Processing!.Expectations.Single().Met, Is.True);
        Assert.That(run.Exploration!.Hypotheses.Single().Verdict, Is.EqualTo(Verdict.Supported));
        Assert.That(run.Features!.Slots.Select(slot => slot.Name), Does.Contain("log total_charges"));
        Assert.That(run.Training!.Trainer, Is.EqualTo("stump"));
        Assert.That(run.Deployment!.Targets, Is.EqualTo(new[] { "process", "folder" }));
        Assert.That(run.Deployment.Holdout["cost_per_row"].HasInterval, Is.True);
        Assert.That(File.Exists(Path.Combine(folder["served"], "churn-with-plugins-1.zip")), Is.True);
        Assert.That(report!.Changes.Single().Measurement.Subject, Is.EqualTo("total_charges"));
        Assert.That(alerts.ToString(), Does.Contain("total_charges"));
    }

    [Test]
    public async Task Plugins_InAProcessThatOnlyServes_AreRead()
    {
        using var folder = new TempFolder();
        await using var alerts = new StringWriter();
        var row = new Dictionary<string, object?>
        {
            ["total_charges"] = 9_999.0,
            ["contract"] = "One year",
            ["female"] = 1,
            ["senior_citizen"] = 0
        };
        double score;
        await using (var workspace = await PluginLifecycle.OpenAsync(folder["workspace"]))
        {
            await PluginLifecycle.Build(Csv, folder["served"], alerts).RunAsync(workspace);
            score = workspace.Endpoint("churn-with-plugins").Predict(row).Value.Score;
        }

        await using var serving = await PluginLifecycle.OpenAsync(folder["workspace"]);
        await serving.ServeAsync("churn-with-plugins");
        await using var without = await Workspace.OpenAsync(folder["workspace"]);

        Assert.That(serving.Endpoint("churn-with-plugins").Predict(row).Value.Score, Is.EqualTo(score));
        Assert.That(
            async () => await without.ServeAsync("churn-with-plugins"),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("acme."));
    }

    [Test]
    public async Task JsonLinesSource_AFile_GivesItsRowsAndNamesABadLine()
    {
        using var folder = new TempFolder();
        var schema = new Schema(new Field("tenure", ColumnType.Number), new Field("contract", ColumnType.Text));
        await File.WriteAllTextAsync(folder["good.jsonl"], "{\"tenure\": 3, \"contract\": \"One year\"}\n{\"contract\": \"Two year\"}\n");
        await File.WriteAllTextAsync(folder["bad.jsonl"], "{\"tenure\": 3}\n{\"tenure\": \"three\"}\n");

        var rows = await new JsonLinesSource(folder["good.jsonl"], schema).ReadAllAsync();

        Assert.That(rows.RowCount, Is.EqualTo(2));
        Assert.That(rows["tenure"].IsNull(1), Is.True);
        Assert.That(rows["contract"].GetText(1), Is.EqualTo("Two year"));
        Assert.That(
            async () => await new JsonLinesSource(folder["bad.jsonl"], schema).ReadAllAsync(),
            Throws.InstanceOf<MlOpsException>().With.Property(nameof(MlOpsException.Line)).EqualTo(2));
    }

    [Test]
    public async Task CollectedFiles_OfACountryAndOfAFolder_AreRead()
    {
        using var folder = new TempFolder();
        await File.WriteAllBytesAsync(folder["x.csv"], System.Text.Encoding.Latin1.GetBytes("größe;am\n1.234,5;20240131\n"));
        Directory.CreateDirectory(folder["year=2024"]);
        await File.WriteAllTextAsync(
            Path.Combine(folder["year=2024"], "x.jsonl"),
            string.Concat(Enumerable.Repeat("{\"a\":1}\n", 30)) + "{\n");
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (culture.NumberFormat.NumberDecimalSeparator, culture.NumberFormat.NumberGroupSeparator) = (",", ".");

        var european = await ReadAsync(CollectedFiles.European(new CollectionBuilder(), folder["x.csv"], culture));
        var filled = await ReadAsync(CollectedFiles.Folder(new CollectionBuilder(), folder.Path));

        Assert.That(european, Is.EqualTo(new[] { "1234.5|2024-01-31T00:00:00.0000000Z" }));
        Assert.That(filled, Is.EqualTo(Enumerable.Repeat("1|2024", 30)));
    }

    [Test]
    public async Task LakeTables_WrittenByMonth_AreReadByRange()
    {
        using var folder = new TempFolder();
        var rows = await DataSources.Objects(new[]
        {
            new { Customer = "a", Amount = 12.5, Year = 2026, Month = 3 },
            new { Customer = "b", Amount = 1.5, Year = 2026, Month = 3 },
            new { Customer = "c", Amount = 20.0, Year = 2025, Month = 4 },
        }).ReadAllAsync();

        await LakeTables.WriteAsync(rows, folder["lake"], CancellationToken.None);

        Assert.That((await LakeTables.ReadAsync(folder["lake"], CancellationToken.None)).RowCount, Is.EqualTo(3));
        Assert.That(await ReadAsync(LakeTables.Collect(new CollectionBuilder(), folder["lake"])), Is.EqualTo(new[] { "a|12.5|3" }));
    }

    [Test]
    public async Task LakeObjects_WrittenTwice_AreReadOnce()
    {
        using var folder = new TempFolder();
        var store = new FolderObjectStore(folder["lake"]);
        var rows = await DataSources.Objects(new[]
        {
            new { Customer = "a", Amount = 12.5, Year = 2026, Month = 3 },
            new { Customer = "b", Amount = 1.5, Year = 2025, Month = 3 },
        }).ReadAllAsync();
        await rows.WriteToAsync(DataSinks.ParquetObjects(store, "sales", ["year", "month"]));

        await LakeObjects.WriteAsync(rows, store, CancellationToken.None);
        await LakeObjects.WriteAsync(rows, store, CancellationToken.None);

        Assert.That(await ReadAsync(LakeObjects.Collect(new CollectionBuilder(), store)), Is.EqualTo(new[] { "a|12.5|3" }));
        var scores = await DataSources.Objects(store, "scores/churn", objects => objects.Parquet()).ReadAllAsync();
        Assert.That(scores.RowCount, Is.EqualTo(2));
        Assert.That(LakeObjects.OpenBlobs().Name, Is.EqualTo("https://contoso.blob.core.windows.net/lake"));
    }

    [Test]
    public async Task WarehouseTables_OverParquet_AreAskedAndCollected()
    {
        using var folder = new TempFolder();
        var rows = Enumerable.Range(0, 500).Select(id => new { Id = id, Customer = $"c{id % 9}", Amount = id % 40 * 1.5 });
        var orders = await DataSources.Objects(rows).ReadAllAsync();
        foreach (var name in (string[])["orders", "earlier"]) await orders.WriteToAsync(DataSinks.Parquet(folder[$"{name}.parquet"]));

        var (profile, results, comparison, split) = await WarehouseTables.AskAsync(folder.Path, CancellationToken.None);

        Assert.That(profile.RowCount, Is.EqualTo(500));
        Assert.That(results.Select(result => result.Met), Is.All.True);
        Assert.That(comparison.HasChanged, Is.False);
        Assert.That(split.HoldoutRows, Is.InRange(60, 140));
        File.Delete(folder["earlier.parquet"]);
        Assert.That(
            (await ReadAsync(WarehouseTables.Collect(new CollectionBuilder(), folder.Path)))[..2],
            Is.EqualTo(new[] { "7|c7|10.5", "8|c8|12" }));
    }

    [Test]
    public async Task CollectedFiles_Joined_AreRead()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder["orders.csv"], "id,customer_id\n1,b\n2,x\n");
        await File.WriteAllTextAsync(folder["customers.csv"], "customer_id,city,signed_at,size\na,Bern,2024-01-01,1\nb,Rom,2024-02-01,2\n");

        Assert.That(
            await ReadAsync(CollectedFiles.Joined(new CollectionBuilder(), folder["orders.csv"], folder["customers.csv"])),
            Is.EqualTo(new[] { "1|b|Rom|2024-02-01T00:00:00.0000000Z", "2|x||" }));
    }

    [Test]
    public async Task CollectedFiles_Downloaded_AreRead()
    {
        await using var server = new LoopbackServer(
            _ => LoopbackServer.Ok("{\"customer\":{\"id\":7},\"embedding\":[1,2,3]}\n"u8.ToArray()));
        using var client = new HttpClient();

        Assert.That(
            await ReadAsync(CollectedFiles.Downloaded(new CollectionBuilder(), new Uri($"http://{server.Address}/x"), client)),
            Is.EqualTo(new[] { "7|[1 2 3]" }));
    }

    [Test]
    public async Task CheckedCustomers_GoodRows_MeetEveryExpectation()
    {
        using var folder = new TempFolder();
        var csv = folder["customers.csv"];
        await File.WriteAllTextAsync(
            csv,
            "customer_id,month,email,name,postcode,plan,net,tax,charges,signed_at,ended_at,churn\n"
                + string.Concat(Enumerable.Range(0, 200).Select(i => string.Create(
                    CultureInfo.InvariantCulture,
                    $"{i / 2},{i % 2},c{i / 2}@example.org,Ada Lovelace,{(i == 7 ? 1234 : 10_000 + i)}{(i == 7 ? "x" : "")}," +
                        $"{i % 3},{40 + i % 5},{8.5},{48.5 + i % 5},2024-01-01,{(i % 4 == 0 ? "2024-02-01,Yes" : ",No")}\n"))));
        await using var workspace = await Workspace.OpenAsync(folder["workspace"]);
        var plans = await DataSources.Objects([new { Id = 0 }, new { Id = 1 }, new { Id = 2 }]).ReadAllAsync();

        var run = await CheckedCustomers.Build(csv, plans, () => new byte[32]).RunAsync(workspace);
        var suggested = await CheckedCustomers.SuggestAsync(csv);

        Assert.That(run.Processing!.Expectations, Has.Count.EqualTo(9).And.All.Property("Met").True);
        Assert.That(
            run.Processing.Expectations[1].Sentence,
            Is.EqualTo("postcode matches '^[0-9]{5}$': met, 99.5 % of 200 rows pass, where 99 % must; 1 fail (row 8 '1234x')."));
        Assert.That(run.Collection!.Columns.Select(column => column.Name), Does.Contain("email").And.Not.Contain("name"));
        Assert.That(suggested.ToCSharp(), Does.Contain(".Expect(rows => rows.Column(\"churn\").In(\"No\", \"Yes\"))"));
    }

    [Test]
    public async Task WatchedElsewhere_RowsThatShifted_AreNoticed()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder["then.csv"], Table(shift: 0));
        await File.WriteAllTextAsync(folder["now.csv"], Table(shift: 30));
        await using var workspace = await Workspace.OpenAsync(folder["workspace"]);

        var findings = await WatchedElsewhere.CompareAsync(folder["then.csv"], folder["now.csv"]);
        var report = await WatchedElsewhere.WatchAsync(
            workspace, folder["then.csv"], await DataSources.Csv(folder["now.csv"]).ReadAllAsync());

        Assert.That(
            findings.Where(finding => finding.Verdict == MonitoringVerdict.Changed).Select(finding => finding.Measurement.Subject),
            Is.EqualTo(new[] { "age" }));
        Assert.That(report!.Changes.Select(finding => finding.Measurement.Subject), Is.EqualTo(new[] { "age" }));
        Assert.That(
            (await WatchedElsewhere.CountReleasedAsync(workspace), await WatchedElsewhere.CountGarbageAsync(workspace)),
            Is.EqualTo((0, 0)));

        static string Table(int shift) =>
            "age,score,churn\n" + string.Concat(Enumerable.Range(0, 400)
                .Select(i => FormattableString.Invariant($"{20 + i % 50 + shift},{i % 97 / 97.0:0.000},{(i % 3 == 0 ? "Yes" : "No")}\n")));
    }

    [Test]
    public async Task ExploredChurn_Run_GivesVerdictsAndAPage()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder["workspace"]);

        var report = await ExploredChurn.RunAsync(workspace, Csv, folder["page.html"]);

        Assert.That(report.Hypotheses.Take(2).Select(result => result.Verdict), Is.All.EqualTo(MlOps.Sdk.Exploration.Verdict.Supported));
        Assert.That(report.Sample!.Spearman.Columns, Does.Contain("total_charges"));
        Assert.That(await File.ReadAllTextAsync(folder["page.html"]), Does.Contain("<title>churn-explored: exploration"));
    }

    [Test]
    public async Task ExploredChurn_Leaks_NamesTheTimeAfterThePrediction()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(
            folder["renewals.csv"],
            "offered_on,answered_on,price,renewed\n" + string.Concat(Enumerable.Range(0, 300).Select(i =>
            {
                var month = FormattableString.Invariant($"2025-{1 + i % 12:00}");
                var answered = i % 4 == 0 ? "" : FormattableString.Invariant($"{month}-1{i % 10}");
                return FormattableString.Invariant($"{month}-01,{answered},{i % 97},{(i % 3 == 0 ? "yes" : "no")}\n");
            })));
        await using var workspace = await Workspace.OpenAsync(folder["workspace"]);

        var report = await ExploredChurn.LeaksAsync(workspace, folder["renewals.csv"]);

        Assert.That(
            report.LeakageSuspects.Select(suspect => (suspect.Column, suspect.Reason)),
            Is.EqualTo(new[] { ("answered_on", LeakageReason.LaterThanPrediction) }));
    }

    [Test]
    public async Task ExploredChurn_Pages_AreWritten()
    {
        using var folder = new TempFolder();
        await ExploredChurn.PagesAsync(Csv, Csv, folder.Path);

        Assert.That(await File.ReadAllTextAsync(folder["profile.html"]), Does.Contain("<h1>Customers</h1>"));
        Assert.That(await File.ReadAllTextAsync(folder["comparison.html"]), Does.Contain("0 of 20"));
    }

    [Test]
    public void ExploredChurn_Alone_FindsTheOutlierAndTheSlope()
    {
        var (far, slope) = ExploredChurn.Alone([1, 2, 3, 4, 5, 6, 7, 8, 9], [2, 4, 6, 8, 10, 12, 14, 16, 1000]);

        Assert.That((far > 3.5, slope), Is.EqualTo((true, 2.0)));
    }

    private static async Task<List<Customer>> CustomersAsync(int count)
    {
        var rows = await DataSources.Csv(Csv).ReadAllAsync();
        return
        [
            .. Enumerable.Range(0, count).Select(row => new Customer(
                (int)rows["female"].GetNumber(row),
                (int)rows["tenure"].GetNumber(row),
                rows["monthly_charges"].GetNumber(row),
                rows["contract"].GetText(row)!,
                rows["internet_service"].GetText(row)!)),
        ];
    }

    private static async Task<List<string>> ReadAsync(CollectionBuilder data)
    {
        await using var spool = new MalformedSpool();
        await using var reader = await CollectionReader.OpenAsync(data.Build(), null, PluginServices.None, TimeProvider.System);
        var rows = new List<string>();
        await foreach (var batch in reader.ReadAsync(spool))
        {
            rows.AddRange(
                Enumerable.Range(0, batch.RowCount).Select(row => string.Join('|', batch.Columns.Select(column => column.GetText(row)))));
        }
        return rows;
    }
}
