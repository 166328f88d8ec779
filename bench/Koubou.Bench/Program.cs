using Koubou.Bench;
using Koubou.Bench.Backlog;
using Koubou.Bench.Node;
using Koubou.Bench.Peers;
using Koubou.Bench.Raw;

// Measures, each as one JSON line:
//   dotnet run -c Release --project bench/Koubou.Bench              everything
//   dotnet run -c Release --project bench/Koubou.Bench -- raw       what is named only: raw, submit, end-to-end, end-to-end-redis,
//                                                                   end-to-end-rabbitmq, idle, level, affinity, sockets, backlog
//   … --tasks 50000                                                 a longer run
// Beside other queues, as tables (bench/run.sh does this, and installs what the others need):
//   … -- compare sqlite                                             or redis-everysec, redis-always, rabbitmq
if (args is ["node", ..])
{
    await NoopNode.RunAsync(args[1..]);
    return;
}

if (args is ["consume", var broker, var queue, var answers])
{
    await PlainRabbitConsumer.RunAsync(broker, queue, answers == PlainRabbitConsumer.KeepsAnswers);
    return;
}

if (args is ["compare", var section, ..])
{
    await CompareBench.RunAsync(section, BenchSettings.Parse(args[2..]), new Report(Console.Out));
    return;
}

if (args is ["echo"])
{
    await GrpcEcho.ServeAsync();
    return;
}

var settings = BenchSettings.Parse(args);
var report = new Report(Console.Out);
if (settings.Wants("raw"))
{
    new RawSqlite(report).Run();
    await GrpcEcho.MeasureAsync(report);
}

if (settings.Wants("submit"))
{
    await SubmitBench.RunAsync(settings, report);
}

if (settings.Wants("end-to-end"))
{
    await EndToEndBench.RunAsync(settings, report);
}

if (settings.Wants("end-to-end-redis"))
{
    await EndToEndBench.RunOnRedisAsync(settings, report);
}

if (settings.Wants("end-to-end-rabbitmq"))
{
    await EndToEndBench.RunOnRabbitMqAsync(settings, report);
}

if (settings.Wants("idle"))
{
    await IdleBench.RunAsync(report);
}

if (settings.Wants("sockets"))
{
    await SocketsBench.RunAsync(report);
}

if (settings.Wants("affinity"))
{
    await AffinityBench.RunAsync(report);
}

foreach (var engine in BacklogBench.Engines.Where(engine => settings.Wants("backlog") || settings.Wants(BacklogBench.Part(engine))))
{
    await BacklogBench.RunAsync(report, engine);
}

if (settings.Wants("level"))
{
    await LevelBench.RunAsync(report);
}

report.WriteRatios();
