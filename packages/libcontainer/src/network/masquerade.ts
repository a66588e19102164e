import { type Nftables, nftables } from './nftables.ts';

const table = (bridge: string): string => `nsinit-${bridge}`;

/** What {@link masquerade} does, for nft(8). */
export function masqueradeText(bridge: string): string {
  return `nft 'table inet ${table(bridge)} { chain postrouting { type nat hook postrouting priority srcnat; iifname "${bridge}" oifname != "${bridge}" masquerade; }; }'`;
}

/**
 * What comes from a bridge and leaves by another interface gets the address of that one. The rule is in a table of its own,
 * and nobody else's is touched. It replaces itself.
 */
export function masquerade(bridge: string): void {
  nftables((nft) => {
    drop(nft, bridge);
    nft.addTable(table(bridge));
    nft.addNatChain(table(bridge), 'postrouting');
    nft.addMasqueradeRule(table(bridge), 'postrouting', bridge);
  });
}

/** Takes the rule away; one that is gone already is fine. */
export function stopMasquerade(bridge: string): void {
  nftables((nft) => drop(nft, bridge));
}

/** A table can only be deleted when it is there: so it is made sure of, within the same transaction. */
function drop(nft: Nftables, bridge: string): void {
  nft.addTable(table(bridge));
  nft.deleteTable(table(bridge));
}
