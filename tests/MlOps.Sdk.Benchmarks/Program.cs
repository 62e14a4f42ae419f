using BenchmarkDotNet.Running;
using MlOps.Sdk.Benchmarks.Capacity;
using MlOps.Sdk.Benchmarks.Coverage;
using MlOps.Sdk.Benchmarks.Drift;
using MlOps.Sdk.Benchmarks.Http;
using MlOps.Sdk.Benchmarks.MLNet;
using MlOps.Sdk.Benchmarks.Tables;
using MlOps.Sdk.Benchmarks.Writers;

if (args is ["tables", ..]) return await TableJobs.RunAsync(args);
if (args is ["writers", ..]) return await WriterJobs.RunAsync(args);
if (args is ["coverage", ..]) return CoverageJobs.Run(args);
if (args is ["microsoft-ml", ..]) return await MLNetJobs.RunAsync(args);
if (args is ["capacity", ..]) return await CapacityJobs.RunAsync(args);
if (args is ["http", ..]) return await HttpJobs.RunAsync(args);
if (args is ["drift", ..]) return await DriftJobs.RunAsync(args);
BenchmarkSwitcher.FromAssembly(typeof(TableJobs).Assembly).Run(args);
return 0;
