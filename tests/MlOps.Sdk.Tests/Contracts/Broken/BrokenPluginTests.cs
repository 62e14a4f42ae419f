using System.Reflection;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

/// <summary>
/// The sentences of contracts are tested themselves: each catches the plug-in that breaks it. Without their flaws the same plug-ins pass
/// all of them.
/// </summary>
[TestFixture]
public sealed class BrokenPluginTests
{
    [TestCase(Flaw.PositionStuck, nameof(TrainerContract.Predict_RowsInAnyOrder_SameBits), "in one block, as they are")]
    [TestCase(Flaw.StateOfAThread, nameof(TrainerContract.Predict_FromManyThreads_SameBits), "one by one")]
    [TestCase(Flaw.StateByType, nameof(TrainerContract.Predict_OneScratchForTwoModels_SameBits), "the second model")]
    [TestCase(
        Flaw.ClassesByOccurrence,
        nameof(TrainerContract.TrainAsync_ClassesFirstOccurInAnotherOrder_OutputsKeepTheProblems),
        "in the order of the problem's classes")]
    [TestCase(Flaw.FewerOutputs, nameof(TrainerContract.TrainAsync_ClassWithoutRows_KeepsItsOutputOrIsRefused), "without class 0")]
    [TestCase(Flaw.IgnoresCancellation, nameof(TrainerContract.TrainAsync_CancelledWhileItTrains_EndsAndTrainsAgain), "LabelsRead")]
    [TestCase(Flaw.StaysCancelled, nameof(TrainerContract.TrainAsync_CancelledWhileItTrains_EndsAndTrainsAgain), "trains again")]
    [TestCase(Flaw.NeverTheSame, nameof(TrainerContract.TrainAsync_AgainAndWithTwoThreads_SameBytes), "again")]
    public Task Trainer_Flawed_IsCaught(Flaw flaw, string sentence, string promise) =>
        AssertCaughtAsync(new FlawedTrainerContract($"{flaw}"), sentence, promise);

    [TestCase(Flaw.PositionStuck, nameof(RowTrainerContract.Predict_RowsInAnyOrder_SameBits), "in one block, as they are")]
    [TestCase(Flaw.PositionStuck, nameof(RowTrainerContract.Predict_MissingAndUnseenValues_AreAnsweredOrRefused), "the row after row 0")]
    [TestCase(Flaw.StateOfAThread, nameof(RowTrainerContract.Predict_FromManyThreads_SameBits), "one by one")]
    [TestCase(Flaw.StateByType, nameof(RowTrainerContract.Predict_OneScratchForTwoModels_SameBits), "the second model")]
    [TestCase(
        Flaw.ClassesByOccurrence,
        nameof(RowTrainerContract.TrainAsync_ClassesFirstOccurInAnotherOrder_OutputsKeepTheProblems),
        "in the order of the problem's classes")]
    [TestCase(Flaw.FewerOutputs, nameof(RowTrainerContract.TrainAsync_ClassWithoutRows_KeepsItsOutputOrIsRefused), "without class 0")]
    [TestCase(Flaw.IgnoresCancellation, nameof(RowTrainerContract.TrainAsync_CancelledWhileItTrains_EndsAndTrainsAgain), "LabelsRead")]
    [TestCase(Flaw.StaysCancelled, nameof(RowTrainerContract.TrainAsync_CancelledWhileItTrains_EndsAndTrainsAgain), "trains again")]
    [TestCase(Flaw.NeverTheSame, nameof(RowTrainerContract.TrainAsync_AgainAndWithTwoThreads_SameBytes), "again")]
    public Task RowTrainer_Flawed_IsCaught(Flaw flaw, string sentence, string promise) =>
        AssertCaughtAsync(new FlawedRowTrainerContract($"{flaw}"), sentence, promise);

    [TestCase(Flaw.PositionStuck, nameof(FeatureTransformContract.Apply_RowsInAnyOrder_SameBits), "in one block, as they are")]
    [TestCase(Flaw.StateOfAThread, nameof(FeatureTransformContract.Apply_FromManyThreads_SameBits), "one by one")]
    [TestCase(Flaw.StateByType, nameof(FeatureTransformContract.Apply_OneScratchForTwoTransforms_SameBits), "the second transform")]
    [TestCase(Flaw.IgnoresCancellation, nameof(FeatureTransformContract.FitAsync_CancelledWhileItFits_EndsAndFitsAgain), "while it fits")]
    [TestCase(Flaw.StaysCancelled, nameof(FeatureTransformContract.FitAsync_CancelledWhileItFits_EndsAndFitsAgain), "fits again")]
    [TestCase(Flaw.NeverTheSame, nameof(FeatureTransformContract.FitAsync_Twice_SameBytes), "fitted again")]
    public Task Transform_Flawed_IsCaught(Flaw flaw, string sentence, string promise) =>
        AssertCaughtAsync(new FlawedTransformContract($"{flaw}"), sentence, promise);

    // The message names the promise, and shows one difference: not all rows, of which there are hundreds.
    private static Task AssertCaughtAsync(object contract, string sentence, string promise) => Assert.ThatAsync(
        () => RunAsync(contract, sentence),
        Throws.InstanceOf<AssertionException>().With.Message.Contains(promise).And.Message.Length.LessThan(2_000));

    private static async Task RunAsync(object contract, string sentence)
    {
        var method = contract.GetType().GetMethod(sentence)!;
        if (method.Invoke(contract, BindingFlags.DoNotWrapExceptions, null, null, null) is Task running) await running;
    }
}
