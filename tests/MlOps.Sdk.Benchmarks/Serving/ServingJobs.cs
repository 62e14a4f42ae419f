using System.Diagnostics;
using System.Globalization;
using CustomerChurn;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Benchmarks.Serving;

/// <summary>
/// What a route, an input contract and a fallback add to a prediction, in one run: all variants take turns, so that what disturbs the
/// machine disturbs all of them.
/// </summary>
internal static class ServingJobs
{
    private const int Calls = 14_086;
    private const int Rounds = 31;

    public static async Task<int> RunAsync()
    {
        Console.WriteLine("| model | variant | median ns | more than plain | of plain | B |");
        Console.WriteLine("|---|---|---|---|---|---|");
        var (rows, customers) = await ChurnTable.ReadAsync();
        using (var logistic = await ServedModel.TrainAsync(Trainers.LogisticRegression())) Measure("logistic", logistic, rows, customers);
        using var trees = await ServedModel.TrainAsync(Trainers.GradientBoosting(), ("trees", 100), ("leaves", 31));
        Measure("100 trees x 31 leaves", trees, rows, customers);
        return 0;
    }

    private static void Measure(string model, ServedModel served, Dataset rows, IReadOnlyList<Customer> customers)
    {
        var package = served.Package;
        var profiled = new ModelPackage(package.Parts with
        {
            Baseline = PackageBaseline.Build(package.Graph.Input, rows, package.Decision, package.Score(rows)),
        });
        var strict = new ModelPackage(profiled.Parts with
        {
            Inputs = new InputContract
            {
                Missing = InputHandling.Flag,
                Mistyped = InputHandling.Reject,
                OutOfDomain = InputHandling.Flag,
                Unseen = InputHandling.Flag,
            },
        });
        (string Name, Endpoint<Customer, ChurnPrediction> Endpoint, string? Key)[] variants =
        [
            ("plain", Serve(profiled, hasRoute: false, hasFallback: false), null),
            ("route of two arms", Serve(profiled, hasRoute: true, hasFallback: false), null),
            ("route of two arms, with a key", Serve(profiled, hasRoute: true, hasFallback: false), "customer-7590"),
            ("input contract", Serve(strict, hasRoute: false, hasFallback: false), null),
            ("fallback behind a circuit", Serve(profiled, hasRoute: false, hasFallback: true), null),
            ("route, contract and fallback", Serve(strict, hasRoute: true, hasFallback: true), null),
        ];
        var times = Array.ConvertAll(variants, _ => new List<double>());
        var bytes = new long[variants.Length];
        for (var round = 0; round < Rounds + 3; round++)
        {
            for (var i = 0; i < variants.Length; i++)
            {
                var (before, began) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
                Predict(variants[i].Endpoint, customers, variants[i].Key);
                var elapsed = Stopwatch.GetElapsedTime(began);
                if (round < 3) continue;
                bytes[i] = GC.GetAllocatedBytesForCurrentThread() - before;
                times[i].Add(elapsed.TotalNanoseconds / Calls);
            }
        }

        var plain = Median(times[0]);
        for (var i = 0; i < variants.Length; i++)
        {
            var median = Median(times[i]);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {model} | {variants[i].Name} | {median:0} | {median - plain:0} | {median / plain:0.00} | {bytes[i] / Calls} |"));
        }
    }

    private static void Predict(Endpoint<Customer, ChurnPrediction> endpoint, IReadOnlyList<Customer> customers, string? key)
    {
        for (var call = 0; call < Calls; call++)
        {
            var customer = customers[call % customers.Count];
            if (key is null) endpoint.Predict(customer);
            else endpoint.Predict(customer, PredictionId.New(), key);
        }
    }

    private static Endpoint<Customer, ChurnPrediction> Serve(ModelPackage package, bool hasRoute, bool hasFallback)
    {
        var slot = new ModelSlot("churn");
        slot.Swap(1, package, () => null);
        if (hasRoute)
        {
            var arm = new TrafficArm("canary", 2, 0.5);
            slot.Divide(1, [(arm, () => new ModelPackage(package.Parts))], (_, _) => null, (_, _) => throw new InvalidOperationException());
        }
        if (hasFallback)
        {
            slot.Use(new StandIn((version, options) => new Circuit("churn", version, options, TimeProvider.System, NullLogger.Instance))
            {
                Rule = _ => new FallbackAnswer(0.5),
            });
        }
        return new Endpoint<Customer, ChurnPrediction>(slot);
    }

    private static double Median(List<double> times)
    {
        times.Sort();
        return times[times.Count / 2];
    }
}
