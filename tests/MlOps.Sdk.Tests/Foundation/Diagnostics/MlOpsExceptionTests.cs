using NUnit.Framework;

namespace MlOps.Sdk.Tests.Diagnostics;

[TestFixture]
public sealed class MlOpsExceptionTests
{
    [Test]
    public void Message_EveryPart_SaysWhatWhereAndWhatToDo()
    {
        var cause = new IOException("no such file");
        var failure = new MlOpsException("A value is no number.", "Cast the column.", cause)
        {
            DataSource = "customers.csv", Line = 12_345, Column = "age"
        };

        Assert.That(failure.Message, Is.EqualTo("A value is no number. (customers.csv, line 12345, column 'age') Cast the column."));
        Assert.That((failure.Problem, failure.Remedy), Is.EqualTo(("A value is no number.", "Cast the column.")));
        Assert.That(failure.InnerException, Is.SameAs(cause));
    }

    [Test]
    public void Message_SomeParts_LeavesTheOthersOut() => Assert.Multiple(() =>
    {
        Assert.That(new MlOpsException("It failed.").Message, Is.EqualTo("It failed."));
        Assert.That(new MlOpsException("It failed.", "Try again.").Message, Is.EqualTo("It failed. Try again."));
        Assert.That(new MlOpsException("It failed.") { Column = "a" }.Message, Is.EqualTo("It failed. (column 'a')"));
        Assert.That(
            new MlOpsException("It failed.", "Go.") { DataSource = "x", Line = 0 }.Message,
            Is.EqualTo("It failed. (x, line 0) Go."));
    });

    [TestCase("The server said: connection refused", "The server said: connection refused. Check it.")]
    [TestCase("The server said: 42P01: no such table\n", "The server said: 42P01: no such table. Check it.")]
    [TestCase("It said 'no.'", "It said 'no.' Check it.")]
    [TestCase("Was it there?", "Was it there? Check it.")]
    public void Message_ProblemOfAnother_EndsWithAFullStopBeforeTheRemedy(string problem, string message) =>
        Assert.That(new MlOpsException(problem, "Check it.").Message, Is.EqualTo(message));

    [Test]
    public void Create_UsualConstructors_KeepMessageAndCause() => Assert.Multiple(() =>
    {
        var cause = new IOException("no such file");
        Assert.That(new MlOpsException().Problem, Is.EqualTo("The operation failed."));
        Assert.That(new MlOpsException("It failed.", cause).InnerException, Is.SameAs(cause));
        Assert.That(new MlOpsException("It failed.", cause).Remedy, Is.Null);
        Assert.That(new MlOpsException("It failed.").Stage, Is.Null);
    });

    [Test]
    public async Task Stage_FailureInARun_IsTheOneThatFailed()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = LifecycleBuilder.Create("x")
            .DefineProblem(problem => problem.Regression("y"))
            .CollectData(data => data.FromCsv(folder["missing.csv"]))
            .Build();

        Assert.That(
            async () => await lifecycle.RunAsync(workspace),
            Throws.InstanceOf<MlOpsException>().With.Property("Stage").EqualTo(LifecycleStage.Collection));
    }
}
