using System.Text.Json;
using System.Text.Json.Serialization;
using MlOps.Sdk.Data;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// What the classes of an endpoint can be bound to, without the classes: a process that trains can tell from it whether another one that
/// serves could call a version. Immutable.
/// </summary>
internal sealed record EndpointContract
{
    /// <summary>The class of a row, and what its members can represent.</summary>
    [JsonRequired]
    public string Row { get; init; } = "";

    /// <summary>The type of an answer.</summary>
    [JsonRequired]
    public string Answer { get; init; } = "";

    [JsonRequired]
    public IReadOnlyList<MemberColumn> Columns { get; init; } = [];

    /// <summary>Why an answer cannot be made from predictions of a task; tasks that are not named are not a problem.</summary>
    [JsonRequired]
    public IReadOnlyDictionary<TaskKind, string> AnswerProblems { get; init; } = new Dictionary<TaskKind, string>();

    /// <summary>The types, for messages.</summary>
    [JsonIgnore]
    public string Types => $"<{Row}, {Answer}>";

    public static EndpointContract Of<TIn, TOut>() => new()
    {
        Row = typeof(TIn).Name,
        Answer = typeof(TOut).Name,
        Columns = new ObjectShape<TIn>().Columns,
        AnswerProblems = Enum.GetValues<TaskKind>()
            .Select(task => (Task: task, Problem: AnswerBinder<TOut>.FindProblem(task)))
            .Where(found => found.Problem is not null)
            .ToDictionary(found => found.Task, found => found.Problem!),
    };

    /// <summary>All that keeps a version from being called with the types; none when it can be.</summary>
    /// <param name="input">The columns that the version reads.</param>
    /// <param name="task">What it predicts.</param>
    public IReadOnlyList<string> FindMismatches(Schema input, TaskKind task)
    {
        var mistakes = new List<MlOpsException>();
        MemberMatch.Find(Row, Columns, input, mistakes);
        var problems = mistakes.Select(mistake => mistake.Message).ToList();
        if (AnswerProblems.TryGetValue(task, out var problem)) problems.Add(problem);
        return problems;
    }

    public string ToJson() => JsonSerializer.Serialize(this, EndpointContractJson.Default.EndpointContract);

    /// <summary>Reads a contract; <see langword="null"/> for one that cannot be read, as of a later version.</summary>
    public static EndpointContract? FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, EndpointContractJson.Default.EndpointContract);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
