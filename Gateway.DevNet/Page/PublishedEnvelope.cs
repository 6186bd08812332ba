namespace Xmtp.Gateway.DevNet.Page;

/// <summary>What the page shows of an envelope that the network has.</summary>
/// <param name="Key">Originator and number.</param>
/// <param name="Time">The originator's time of day, UTC.</param>
/// <param name="Kind">What it is, in a word or two.</param>
/// <param name="Identifier">What its topic is about, in hex: a group, an installation, an inbox.</param>
/// <param name="Where">Which node or chain took it, and as which number.</param>
/// <param name="Bytes">The size of the client envelope.</param>
/// <param name="Cost">What it cost: the node's fee in dollars, or the gas of the transaction.</param>
internal sealed record PublishedEnvelope(string Key, string Time, string Kind, string Identifier, string Where, int Bytes, string Cost);
