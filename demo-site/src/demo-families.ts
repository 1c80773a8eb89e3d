/** The school's families in the demo's month. Their phones are numbers that the simulator alone knows. */
export type Family = { parentName: string; childName: string; email: string; phone: string };

const names: readonly (readonly [parentName: string, childName: string])[] = [
  ["Mama Achieng", "Otieno Achieng"],
  ["Wanjiru Kamau", "Amani Kamau"],
  ["Baba Kiprop", "Chebet Kiprop"],
  ["Fatuma Hassan", "Yusuf Hassan"],
  ["Grace Mutua", "Mwende Mutua"],
  ["Peter Njoroge", "Wambui Njoroge"],
  ["Halima Abdi", "Zainab Abdi"],
  ["Joseph Barasa", "Nekesa Barasa"],
  ["Esther Wekesa", "Brian Wekesa"],
  ["Samuel Maina", "Nyambura Maina"],
  ["Lucy Atieno", "Akinyi Atieno"],
  ["David Mwangi", "Kamau Mwangi"],
];

export const families: readonly Family[] = names.map(([parentName, childName], index) => ({
  parentName,
  childName,
  email: `${parentName.toLowerCase().replaceAll(" ", ".")}@example.com`,
  phone: `2547000000${String(index + 10)}`,
}));
