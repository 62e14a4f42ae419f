using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using NUnit.Framework;

namespace MlOps.Sdk.Tool.Tests;

[TestFixture]
public sealed partial class HelpTests
{
    private static readonly Terminal s_terminal = new(new Screen(TextWriter.Null, false), new Screen(TextWriter.Null, false), _ => null);

    private static IEnumerable<TestCaseData> Commands => All(NewRoot(), "").Select(
        command => new TestCaseData(command.Path, command.Tool).SetArgDisplayNames(command.Path));

    [TestCaseSource(nameof(Commands))]
    public async Task Help_OfACommand_HasExamplesThatParse(string path, object command)
    {
        var tool = (ToolCommand)command;

        var outcome = await new Mlops().RunAsync([.. path.Split(' '), "--help"]);

        Assert.That(outcome.Code, Is.Zero);
        Assert.That(tool.Examples, Is.Not.Empty);
        foreach (var example in tool.Examples)
        {
            // What follows a pipe or a redirection is of the shell.
            var line = Shell().Replace(example, "").Replace("$(cat audit-head.txt)", new string('0', 64), StringComparison.Ordinal);
            var parsed = NewRoot().Parse([.. CommandLineParser.SplitCommandLine(line).Skip(1)]);
            Assert.Multiple(() =>
            {
                Assert.That(outcome.Out, Does.Contain($"  {example}\n"));
                Assert.That(line, Does.StartWith($"mlops {path}"));
                Assert.That(parsed.Errors, Is.Empty, example);
                Assert.That(parsed.CommandResult.Command, Is.InstanceOf(tool.GetType()));
            });
        }
    }

    [Test]
    public async Task Help_OfTheTool_ListsCommandsExitCodesAndVariables()
    {
        var outcome = await new Mlops().RunAsync();

        Assert.That((outcome.Code, outcome.Out), Is.EqualTo((2, "")), "a script whose variable is empty does not go on");
        Assert.That(outcome.Error, Is.EqualTo((await new Mlops().RunAsync("--help")).Out));
        Assert.That(outcome.Error, Does.Contain("rollback").And.Contain("Exit codes:").And.Contain("  130  cancelled")
            .And.Contain("  4    people").And.Contain("MLOPS_ROLES")
            .And.Contain("MLOPS_WORKSPACE").And.Contain("NO_COLOR"));
    }

    [TestCase("backup verify", "backup verify <folder> [options]")]
    [TestCase("export mlflow", "export mlflow [<filter>] [options]")]
    [TestCase("models alias set", "models alias set <model> <alias> <version> [options]")]
    public async Task Help_OfACommandWithinAnother_HasItsOwnArgumentsOnly(string path, string usage)
    {
        var outcome = await new Mlops().RunAsync([.. path.Split(' '), "--help"]);

        Assert.That(outcome.Lines, Has.Some.EndsWith($" {usage}"));
    }

    [TestCase("rnus", "Did you mean 'runs'?")]
    [TestCase("runs shwo 1", "Did you mean 'show'?")]
    [TestCase("runs list --lifecycel x", "Did you mean '--lifecycle'?")]
    [TestCase("runs list --workspcae x", "Did you mean '--workspace'?")]
    [TestCase("models alias sett x", "Did you mean 'set'?")]
    [TestCase("aprove 7 --reason x", "Did you mean 'approve'?")]
    public async Task Parse_Typo_SuggestsWhatIsMeant(string line, string hint)
    {
        var outcome = await new Mlops().RunAsync(line.Split(' '));

        Assert.That(outcome.Code, Is.EqualTo(2));
        Assert.That(outcome.Error, Does.Contain(hint).And.Contain("--help"));
    }

    [TestCase("runs list --state Suceeded", "'Suceeded' is no value of --state. Did you mean 'Succeeded'? It takes: Running, Succeeded, ")]
    [TestCase("approvals list --state Aproved", "'Aproved' is no value of --state. Did you mean 'Approved'?")]
    [TestCase("runs list --limit ten", "--limit: 'ten' is not a whole number in its range.")]
    [TestCase("models show churn two", "<version>: 'two' is not a whole number in its range.")]
    [TestCase("approve one --reason x", "<id>: 'one' is not a whole number in its range.")]
    [TestCase("gc --keep-days few", "--keep-days: 'few' is not a number.")]
    [TestCase("compare one", "<runs> is given 1 time: ")]
    [TestCase("runs show", "<run> is missing: ")]
    [TestCase("completion tcsh", "'bash'")]
    public async Task Parse_WrongValue_IsToldWithoutNamesOfTypes(string line, string message)
    {
        var outcome = await new Mlops().RunAsync(line.Split(' '));

        Assert.That((outcome.Code, outcome.Out), Is.EqualTo((2, "")));
        Assert.That(outcome.Error, Does.Contain(message));
        Assert.That(outcome.Error, Does.Not.Contain("System.").And.Not.Contain("MlOps.Sdk.").And.Not.Contain("\\u"));
    }

    [Test]
    public async Task Version_OfTheTool_IsThatOfTheLibrary()
    {
        var outcome = await new Mlops().RunAsync("--version");

        Assert.That(outcome.Out, Does.Match(@"^[0-9]+\.[0-9]+\.[0-9]+"));
    }

    [GeneratedRegex(""" (\||>>?) [^"]*$| \| jq .*$""")]
    private static partial Regex Shell();

    private static RootCommand NewRoot() => CommandLine.Create(new SharedOptions(), s_terminal);

    private static IEnumerable<(string Path, ToolCommand Tool)> All(Command command, string path) => command.Subcommands.SelectMany(inner =>
    {
        var name = path.Length == 0 ? inner.Name : $"{path} {inner.Name}";
        return inner is ToolCommand tool ? All(inner, name).Prepend((name, tool)) : All(inner, name);
    });
}
