using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace MlOps.Sdk.Tests.Exchange;

/// <summary>
/// A tracking server with the shapes and the limits that MLflow documents: mlflow/protos/service.proto, mlflow/utils/validation.py. It
/// records what it is asked.
/// </summary>
internal sealed partial class FakeMlflow : FakeService
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _experiments = new(StringComparer.Ordinal);

    public ConcurrentQueue<FakeRequest> Requests { get; } = [];

    /// <summary>The runs by their ids.</summary>
    public Dictionary<string, Run> Runs { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, byte[]> Artifacts { get; } = new(StringComparer.Ordinal);

    public string ArtifactRoot { get; set; } = "mlflow-artifacts:";

    /// <summary>Answers before anything else does; <see langword="null"/> lets the server answer.</summary>
    public Func<FakeRequest, (int Status, string Body)?> Trouble { get; set; } = _ => null;

    /// <summary>Whether what is troubled is done nevertheless: the answer is lost.</summary>
    public bool DoesIt { get; set; }

    protected override string ContentType => "application/json";

    public Run OfRun(string id) => Runs.Values.Single(run => run.Tags.GetValueOrDefault("mlops.run_id") == id);

    public string NameOf(Run run) => _experiments.Single(each => each.Value == run.Experiment).Key;

    public void DeleteExperiment(string name) => _experiments[name] += "-deleted";

    public void CreateExperiment(string name) => _experiments[name] = $"{_experiments.Count + 1}";

    protected override (int Status, byte[] Body) Answer(FakeRequest request)
    {
        lock (_lock)
        {
            Requests.Enqueue(request);
            var trouble = Trouble(request);
            if (trouble is not null && !DoesIt) return (trouble.Value.Status, Encoding.UTF8.GetBytes(trouble.Value.Body));
            var (status, body) = Do(request);
            return trouble is { } lost ? (lost.Status, Encoding.UTF8.GetBytes(lost.Body)) : (status, Encoding.UTF8.GetBytes(body));
        }
    }

    private (int Status, string Body) Do(FakeRequest request)
    {
        const string api = "/api/2.0/mlflow/";
        const string artifacts = "/api/2.0/mlflow-artifacts/artifacts/";
        var path = request.Url.AbsolutePath;
        if (path.StartsWith(artifacts, StringComparison.Ordinal) && request.HttpMethod == "PUT")
        {
            var name = Uri.UnescapeDataString(path[artifacts.Length..]);
            if (name.Split('/').Any(part => part is "" or "." or "..")) return Error(400, "INVALID_PARAMETER_VALUE", "Invalid path");
            Artifacts[name] = request.Body;
            return (200, "{}");
        }
        if (!path.StartsWith(api, StringComparison.Ordinal)) return (404, "<html>not found</html>");
        if (request.HttpMethod == "GET" && path == api + "experiments/get-by-name")
        {
            return request.QueryString["experiment_name"] is { } name && _experiments.TryGetValue(name, out var id)
                ? (200, JsonSerializer.Serialize(new
                {
                    experiment = new
                    {
                        experiment_id = id,
                        name,
                        lifecycle_stage = id.EndsWith("-deleted", StringComparison.Ordinal) ? "deleted" : "active",
                    },
                }))
                : Error(404, "RESOURCE_DOES_NOT_EXIST", "Could not find experiment");
        }
        if (request.Body.Length > 1_000_000) return Error(400, "INVALID_PARAMETER_VALUE", "Requests must be at most 1000000 bytes");
        var body = JsonNode.Parse(request.Body)!;
        return (request.HttpMethod, path[api.Length..]) switch
        {
            ("POST", "experiments/create") => CreateExperiment(body),
            ("POST", "runs/search") => Search(body),
            ("POST", "runs/create") => CreateRun(body),
            ("POST", "runs/log-batch") => LogBatch(body),
            ("POST", "runs/log-inputs") => LogInputs(body),
            ("POST", "runs/update") => Update(body),
            _ => (404, "<html>not found</html>"),
        };
    }

    private (int, string) CreateExperiment(JsonNode body)
    {
        var name = (string)body["name"]!;
        if (_experiments.ContainsKey(name)) return Error(400, "RESOURCE_ALREADY_EXISTS", $"Experiment '{name}' already exists.");
        CreateExperiment(name);
        return (200, JsonSerializer.Serialize(new { experiment_id = _experiments[name] }));
    }

    private (int, string) Search(JsonNode body)
    {
        var experiments = body["experiment_ids"]!.AsArray().Select(id => (string)id!).ToList();
        var filter = Filter().Match((string)body["filter"]!);
        if (!filter.Success) return Error(400, "INVALID_PARAMETER_VALUE", "Invalid filter");
        var found = Runs.Values.Where(
            run => experiments.Contains(run.Experiment) && run.Tags.GetValueOrDefault(filter.Groups[1].Value) == filter.Groups[2].Value);
        return (200, JsonSerializer.Serialize(new { runs = found.Select(Describe) }));
    }

    private (int, string) CreateRun(JsonNode body)
    {
        var run = new Run($"run{Runs.Count}", (string)body["experiment_id"]!, (long)body["start_time"]!);
        foreach (var tag in body["tags"]!.AsArray()) run.Tags[(string)tag!["key"]!] = (string)tag["value"]!;
        Runs[run.Id] = run;
        return (200, JsonSerializer.Serialize(new { run = Describe(run) }));
    }

    private (int, string) LogBatch(JsonNode body)
    {
        if (!Runs.TryGetValue((string)body["run_id"]!, out var run)) return Error(404, "RESOURCE_DOES_NOT_EXIST", "No run");
        var (metrics, parameters, tags) = (body["metrics"]!.AsArray(), body["params"]!.AsArray(), body["tags"]!.AsArray());
        if (metrics.Count + parameters.Count + tags.Count > 1_000 || parameters.Count > 100 || tags.Count > 100)
        {
            return Error(400, "INVALID_PARAMETER_VALUE", "A batch logging request can contain at most 1000 metrics, params and tags");
        }
        foreach (var each in metrics.Concat(parameters).Concat(tags))
        {
            var key = (string)each!["key"]!;
            if (key.Length > 250 || !Name().IsMatch(key) || key.Split('/').Any(part => part is "" or "." or ".."))
            {
                return Error(400, "INVALID_PARAMETER_VALUE", $"Invalid name: '{key}'");
            }
        }
        foreach (var each in parameters)
        {
            var (key, value) = ((string)each!["key"]!, (string)each["value"]!);
            
            // As before MLflow 2.8.
            if (value.Length > 500) return Error(400, "INVALID_PARAMETER_VALUE", "Param value exceeded length limit of 500");
            if (run.Parameters.TryGetValue(key, out var former) && former != value)
            {
                return Error(400, "INVALID_PARAMETER_VALUE", "Changing param values is not allowed.");
            }
            run.Parameters[key] = value;
        }
        foreach (var each in tags)
        {
            var value = (string)each!["value"]!;
            if (value.Length > 5_000) return Error(400, "INVALID_PARAMETER_VALUE", "Tag value exceeded length limit of 5000");
            run.Tags[(string)each["key"]!] = value;
        }

        // Numbers that are none are texts in the JSON of Protocol Buffers.
        foreach (var each in metrics)
        {
            var value = each!["value"]!.GetValueKind() == JsonValueKind.String
                ? (string)each["value"]! switch
                {
                    "NaN" => double.NaN,
                    "Infinity" => double.PositiveInfinity,
                    "-Infinity" => double.NegativeInfinity,
                    _ => throw new FormatException(),
                }
                : (double)each["value"]!;
            run.Metrics.Add(((string)each["key"]!, value, (long)each["timestamp"]!, (long)each["step"]!));
        }
        return (200, "{}");
    }

    private (int, string) LogInputs(JsonNode body)
    {
        var run = Runs[(string)body["run_id"]!];
        foreach (var each in body["datasets"]!.AsArray())
        {
            var dataset = each!["dataset"]!;
            if (((string)dataset["digest"]!).Length > 36) return Error(400, "INVALID_PARAMETER_VALUE", "Dataset digest exceeds 36");
            run.Datasets.Add(((string)dataset["name"]!, (string)each["tags"]![0]!["value"]!));
        }
        return (200, "{}");
    }

    private (int, string) Update(JsonNode body)
    {
        var run = Runs[(string)body["run_id"]!];
        (run.Status, run.EndTime) = ((string)body["status"]!, (long?)body["end_time"]);
        return (200, "{}");
    }

    private object Describe(Run run) => new
    {
        info = new
        {
            run_id = run.Id,
            run_uuid = run.Id,
            experiment_id = run.Experiment,
            status = run.Status,
            start_time = run.StartTime,
            artifact_uri = $"{ArtifactRoot}/{run.Experiment}/{run.Id}/artifacts",
            lifecycle_stage = "active",
        },
        data = new { tags = run.Tags.Select(tag => new { key = tag.Key, value = tag.Value }) },
        inputs = new { },
    };

    private static (int, string) Error(int status, string code, string message) =>
        (status, JsonSerializer.Serialize(new { error_code = code, message }));

    [GeneratedRegex("^tags\\.`([^`]+)` = '([^']*)'$")]
    private static partial Regex Filter();

    [GeneratedRegex(@"^[/\w.\- ]*$")]
    private static partial Regex Name();

    internal sealed class Run(string id, string experiment, long startTime)
    {
        public string Id => id;

        public string Experiment => experiment;

        public long StartTime => startTime;

        public string Status { get; set; } = "RUNNING";

        public long? EndTime { get; set; }

        public Dictionary<string, string> Tags { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, string> Parameters { get; } = new(StringComparer.Ordinal);

        public List<(string Key, double Value, long Timestamp, long Step)> Metrics { get; } = [];

        public List<(string Name, string Context)> Datasets { get; } = [];
    }
}
